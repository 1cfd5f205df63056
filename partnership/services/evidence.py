"""Every write of evidence: what proves a delivery or an action. A file given as evidence becomes a document shared with the parties."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext_lazy as _

from core import clock
from core.audit import act
from core.errors import Conflict, Forbidden, Invalid
from core.events import announce
from core.rights import require
from core.states import lock, write
from core.validation import check_day, check_optional_day, check_reason, check_text
from partnership import events
from partnership.choices import UNDECLARED_STATUSES, ActionStatus, CommitmentStatus, DocumentKind, Visibility
from partnership.models import Action, Commitment, Document, Evidence, Organisation
from partnership.permissions.ledger import (
    can_add_action_evidence,
    can_add_commitment_evidence,
    can_carry_action,
    can_remove_evidence,
    operates,
)
from partnership.permissions.organisations import acts_for
from partnership.services.authors import author
from partnership.services.documents import store_document

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from uuid import UUID

    from django.core.files.base import File

    from core.actors import Actor

_check_url: Final = URLValidator(schemes=["http", "https"])
# Once something is declared or done, its proof is what the other judges: it no longer vanishes.
REMOVABLE_UNDER: Final = frozenset({*UNDECLARED_STATUSES, ActionStatus.TODO, ActionStatus.BLOCKED, ActionStatus.RETURNED})


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceDraft:
    """What somebody brings: an address, a file, or both; the date of the fact; until when it proves it."""

    title: str
    fact_on: date
    url: str = ""
    upload: File[Any] | None = None
    expires_on: date | None = None


def add_evidence(*, commitment: UUID | None = None, action: UUID | None = None, draft: EvidenceDraft, by: Actor) -> Evidence:
    """Add one piece of evidence to a commitment or to an action.

    Refuses: neither an address nor a file; a fact in the future or outside 2000–2100; an end before the fact; a cancelled object.
    """
    with act(by=by):
        if commitment is not None and action is None:
            owed: Commitment = lock(Commitment.objects.visible_to(by), commitment)
            require(can_add_commitment_evidence(by, owed))
            _refuse_cancelled(owed.status)
            return keep_commitment_evidence(owed, [draft], by=by)[0]
        if action is not None and commitment is None:
            held: Action = lock(Action.objects.visible_to(by), action)
            require(can_add_action_evidence(by, held))
            _refuse_cancelled(held.status)
            return keep_action_evidence(held, [draft], by=by)[0]
        raise Invalid(_("Evidence proves one commitment or one action."), code="one_object")


def remove_evidence(*, evidence: UUID, reason: str, by: Actor) -> None:
    """Take back a piece of evidence; its document is removed with it (and can be restored), the audit trail keeps both.

    Refuses (409) once the delivery is declared or settled, or the action done: the other party judges what it was shown.
    """
    reason = check_reason(reason)
    with act(by=by, reason=reason):
        seen: Evidence = Evidence.objects.visible_to(by).get(pk=evidence)
        # The same order as everywhere: the object first, then what hangs on it.
        owner: Commitment | Action = (
            lock(Commitment.objects.all(), seen.commitment_id)
            if seen.commitment_id
            else lock(Action.objects.all(), _present(seen.action_id))
        )
        held: Evidence = lock(Evidence.objects.all(), evidence)
        require(can_remove_evidence(by, held))
        if owner.status not in REMOVABLE_UNDER:
            raise Conflict(
                _("What this proves has been declared: the evidence stays. Withdraw the declaration first."), code="evidence_in_use"
            )
        document, organisation = held.document, held.organisation_id
        held.delete()
        if document is not None and document.removed_at is None and not document.evidence.exists():
            write(document, removed_at=clock.now())
        announce(events.EVIDENCE_REMOVED, about=owner, organisations=[organisation], evidence=str(evidence))


def _present(pk: UUID | None) -> UUID:
    if pk is None:
        raise Evidence.DoesNotExist
    return pk


def _refuse_cancelled(status: str) -> None:
    if status == CommitmentStatus.CANCELLED:
        raise Conflict(_("This is cancelled: nothing is left to prove."), code="cancelled")


# -- for the services that take evidence with an act (declare, complete) ---------------------------------------------------
def keep_commitment_evidence(commitment: Commitment, drafts: Iterable[EvidenceDraft], *, by: Actor) -> list[Evidence]:
    """Keep drafts on a locked commitment, brought by the party the actor acts for (the obligor when both). Within the caller's act."""
    parties = [commitment.obligor.organisation, commitment.beneficiary.organisation]
    brought_by = next((organisation for organisation in parties if acts_for(by, organisation.pk)), None)
    if brought_by is None:
        raise Forbidden(_("You act for none of the two parties."))
    return [_keep(Evidence(commitment=commitment), draft, target=commitment, organisation=brought_by, by=by) for draft in drafts]


def keep_action_evidence(action: Action, drafts: Iterable[EvidenceDraft], *, by: Actor) -> list[Evidence]:
    """Keep drafts on a locked action: brought by its owner, else by the party (or ONMT) for which the actor verifies."""
    brought_by = action.organisation if can_carry_action(by, action) else _verifier(action, by=by)
    return [_keep(Evidence(action=action), draft, target=action, organisation=brought_by, by=by) for draft in drafts]


def _verifier(action: Action, *, by: Actor) -> Organisation:
    parties = [party.organisation for party in action.convention.parties.select_related("organisation")]
    found = next((organisation for organisation in parties if acts_for(by, organisation.pk)), None)
    if found is None and operates(by):
        found = Organisation.objects.filter(is_host=True).first()
    if found is None:
        raise Forbidden(_("You act neither for the owner of this action nor for a party."))
    return found


def _keep(evidence: Evidence, draft: EvidenceDraft, *, target: Commitment | Action, organisation: Organisation, by: Actor) -> Evidence:
    evidence.organisation = organisation
    evidence.added_by = author(by)
    evidence.title = check_text(draft.title, field="title", maximum=300)
    evidence.fact_on = check_day(draft.fact_on, field="fact_on", past=True)
    evidence.expires_on = check_optional_day(draft.expires_on, field="expires_on")
    if evidence.expires_on is not None and evidence.expires_on < evidence.fact_on:
        raise Invalid(_("It would expire before the fact it proves."), code="dates", field="expires_on")
    evidence.url = _checked_url(draft.url)
    if not evidence.url and draft.upload is None:
        raise Invalid(_("Give an address or a file."), code="required", field="url")
    evidence.document = None if draft.upload is None else _document(draft, target=target, organisation=organisation, by=by)
    evidence.save(force_insert=True)
    announce(events.EVIDENCE_ADDED, about=target, organisations=[organisation.pk], evidence=str(evidence.pk))
    return evidence


def _document(draft: EvidenceDraft, *, target: Commitment | Action, organisation: Organisation, by: Actor) -> Document:
    if draft.upload is None:
        raise Invalid(_("Give an address or a file."), code="required", field="file")
    return store_document(
        owner=organisation, convention=target.convention, title=draft.title, kind=DocumentKind.EVIDENCE, visibility=Visibility.PARTIES,
        upload=draft.upload, attached_to=target, by=by,
    )  # fmt: skip


def _checked_url(url: str) -> str:
    url = check_text(url, field="url", minimum=0, maximum=500)
    if url:
        try:
            _check_url(url)
        except ValidationError as error:
            raise Invalid(_("Enter a full web address, starting with https://."), code="invalid", field="url") from error
    return url
