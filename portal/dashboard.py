"""The administration's home: what awaits a decision, whether the machine is well, where to begin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import health
from core.admin.holidays import to_confirm
from core.choices import MailStatus
from core.models import Job, OutboxMail, PrivacyRequest
from core.models.job import JobState
from partnership.permissions.ledger import manages_conventions, operates
from partnership.selectors.decisions import awaited

if TYPE_CHECKING:
    from accounts.models import User


@dataclass(frozen=True, slots=True)
class Figure:
    """A count and the filtered list it opens; `urgent` ones stand out when there are any."""

    label: str
    count: int
    url: str
    urgent: bool = False


def _list(noun: str, query: str) -> str:
    return f"{reverse(f'admin:{noun}_changelist')}?{query}"


def figures(user: User) -> list[Figure]:
    """What awaits somebody at ONMT, in eight queries."""
    found = awaited(user)
    commitments, actions, organisations = "partnership_commitment", "partnership_action", "partnership_organisation"
    return [
        Figure(_("Deliveries awaiting ONMT's answer"), found.answers, _list(commitments, "situation=answer"), True),
        Figure(_("Contested deliveries awaiting a decision"), found.contested, _list(commitments, "situation=contested"), True),
        Figure(_("Late commitments"), found.late_commitments, _list(commitments, "situation=late"), True),
        Figure(_("Actions awaiting verification"), found.to_verify, _list(actions, "situation=verify")),
        Figure(_("Late actions"), found.late_actions, _list(actions, "situation=late"), True),
        Figure(_("Conventions ending within six months"), found.ending, _list("partnership_convention", "ends=soon")),
        Figure(_("Organisations to vouch for"), found.to_vouch, _list(organisations, "status__exact=registered")),
        Figure(_("Organisations to register"), found.to_register, _list(organisations, "status__exact=prospective")),
        Figure(
            _("Requests about personal data to answer"),
            PrivacyRequest.objects.open().count(),
            f"{reverse('admin:core_privacyrequest_changelist')}?status__in=requested,in_progress",
            True,
        ),
        Figure(_("Holidays to confirm within 60 days"), to_confirm().count(), _list("core_holiday", "when=soon")),
        Figure(
            _("Mails that failed"),
            OutboxMail.objects.filter(status=MailStatus.FAILED).count(),
            _list("core_outboxmail", "status__exact=failed"),
            True,
        ),
        Figure(
            _("Background jobs that failed"),
            Job.objects.filter(state=JobState.FAILED).count(),
            _list("core_job", "state__exact=failed"),
            True,
        ),
    ]


def system() -> list[dict[str, Any]]:
    """Whether mails leave and background work is done, in words."""
    worker, outbox = health.report((health.worker, health.outbox))
    return [{"ok": worker.ok, "text": _worker_words(worker)}, {"ok": outbox.ok, "text": _outbox_words(outbox)}]


def _worker_words(check: health.Check) -> str:
    seconds = check.detail.get("seen_seconds_ago")
    if seconds is None:
        return _("The background worker has never answered.")
    if not check.ok:
        minutes = int(seconds // 60)
        sentence = ngettext(
            "The background worker has not answered for %(count)d minute.",
            "The background worker has not answered for %(count)d minutes.",
            minutes,
        )
        return sentence % {"count": minutes}
    return _("The background worker and its clock answer.")


def _outbox_words(check: health.Check) -> str:
    if check.ok:
        return _("Mails leave on time.")
    minutes = int(check.detail.get("oldest_due_seconds", 0) // 60)
    sentence = ngettext("A mail has been waiting for %(count)d minute.", "A mail has been waiting for %(count)d minutes.", minutes)
    return sentence % {"count": minutes}


def quick_links(user: User) -> list[dict[str, str]]:
    """Where most days begin, by what this role does."""
    links = []
    if manages_conventions(user):
        links.append({"label": _("Add a commitment"), "url": reverse("admin:partnership_commitment_add"), "icon": "plus"})
    if operates(user):
        links.append({"label": _("Register an organisation"), "url": reverse("admin:partnership_organisation_add"), "icon": "building"})
        links.append({"label": _("Open an action"), "url": reverse("admin:partnership_action_add"), "icon": "list-check"})
    links.append({"label": _("Ask for a report"), "url": reverse("portal:reports"), "icon": "file-text"})
    links.append({"label": _("Reminders to come"), "url": reverse("admin:forecast"), "icon": "bell"})
    links.append({"label": _("Audit trail"), "url": reverse("admin:trail"), "icon": "history"})
    return links
