"""Mail and notifications: rows written with what causes them, sent after the commit, by a worker or by `run_outbox`.

class CommitmentContested(Message):
    kind = "commitment_contested"
    label = _("A delivery is contested")
    urgent = True
    template = "partnership/emails/commitment_contested"   # + _subject.txt and _body.txt

notify(CommitmentContested(about=commitment, url=page, data={"title": commitment.title_fr}), to=users)
"""

from core.mail.message import Message
from core.mail.store import Notice, cancel, cancel_mail, drop_mail, mark_read, notify, notify_many, resend, send_mail, set_preference

__all__ = [
    "Message",
    "Notice",
    "cancel",
    "cancel_mail",
    "drop_mail",
    "mark_read",
    "notify",
    "notify_many",
    "resend",
    "send_mail",
    "set_preference",
]
