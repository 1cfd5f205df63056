"""The outbox: what waits, what has left, what has failed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from core import mail
from core.acts import Act, ActForm
from core.admin.base import BaseAdmin
from core.admin.lists import PeriodFilter
from core.choices import MAIL_TRANSITIONS, MailStatus
from core.models import OutboxMail
from core.rights import can_operate
from core.templatetags.ui import state_badge

if TYPE_CHECKING:
    from collections.abc import Sequence

COLOURS: Final = {MailStatus.SENT: "green", MailStatus.FAILED: "red", MailStatus.SENDING: "blue", MailStatus.QUEUED: "amber"}


class ShortReasonForm(ActForm):
    """A reason, compulsory."""

    reason = forms.CharField(
        label=_("Reason"), min_length=3, max_length=300, widget=forms.Textarea(attrs={"rows": 2}), help_text=_("The audit trail keeps it.")
    )


class OptionalReasonForm(ActForm):
    """A reason, if there is one to give."""

    reason = forms.CharField(label=_("Reason"), required=False, max_length=300, widget=forms.Textarea(attrs={"rows": 2}))


MAIL_ACTS: Final[Sequence[Act]] = (
    Act(
        slug="resend",
        label=_("Send again"),
        title=_("Send this mail again?"),
        consequences=_("It leaves at once, and is tried up to eight more times. Its receiver gets it once, whatever the number of tries."),
        done=_("The mail is on its way again."),
        can=lambda user, obj: can_operate(user),
        service=mail.resend,
        target="mail",
        since=frozenset({MailStatus.FAILED}),
        to=MailStatus.QUEUED,
        form=OptionalReasonForm,
        icon="mail-forward",
    ),
    Act(
        slug="cancel",
        label=_("Cancel the mail"),
        title=_("Cancel this mail?"),
        consequences=_("It never leaves. What it tells stays readable in the portal for whoever has an account."),
        done=_("The mail is cancelled."),
        can=lambda user, obj: can_operate(user),
        service=mail.drop_mail,
        target="mail",
        since=frozenset({MailStatus.QUEUED, MailStatus.FAILED}),
        to=MailStatus.CANCELLED,
        form=ShortReasonForm,
        icon="ban",
        danger=True,
    ),
)


class MailPeriod(PeriodFilter):
    """When it was written."""

    title = _("written")


@admin.register(OutboxMail)
class OutboxMailAdmin(BaseAdmin):
    """Read by every role; sent again or cancelled by those who run the portal. A one-time link is never shown."""

    acts = MAIL_ACTS
    act_table = MAIL_TRANSITIONS
    bulk_acts = ("resend", "cancel")
    list_display = ("shown_subject", "to_email", "shown_status", "created_at", "sent_at", "attempts", "last_error")
    list_filter = ("status", MailPeriod, "language")
    search_fields = ("subject", "to_email", "kind")
    ordering = ("-created_at", "-id")
    fieldsets = (
        (None, {"fields": ("subject", "to_email", "recipient", "language", "kind", "shown_body")}),
        (_("Delivery"), {"fields": ("status", "created_at", "not_before", "attempts", "max_attempts", "sent_at", "last_error")}),
        (_("Sent again, cancelled"), {"fields": ("resent_at", "resent_by", "resend_reason", "cancel_cause")}),
    )
    readonly_fields = ("shown_body",)

    def may_act(self, user: Any) -> bool:
        """Those who run the portal."""
        return can_operate(user)

    @admin.display(description=_("subject"), ordering="subject")
    def shown_subject(self, obj: OutboxMail) -> str:
        """The subject, or the kind of a mail of the day that is not composed yet."""
        return str(obj)

    @admin.display(description=_("state"), ordering="status")
    def shown_status(self, obj: OutboxMail) -> str:
        """The state as a badge."""
        return state_badge(MailStatus(obj.status), colour=COLOURS.get(MailStatus(obj.status), "grey"))

    @admin.display(description=_("text"))
    def shown_body(self, obj: OutboxMail) -> str:
        """The text, unless it opens an account or an organisation to whoever reads it."""
        if obj.is_sensitive:
            return str(_("This mail holds a one-time link: its text is not shown."))
        return obj.body or str(_("Composed when it leaves."))
