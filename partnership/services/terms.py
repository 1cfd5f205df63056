"""The terms of a commitment: who owes what to whom, for which amount, by when. Kept by convention managers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext_lazy as _

from core.audit import act
from core.errors import Conflict, Invalid
from core.events import announce
from core.rights import require
from core.states import check_version, lock, write
from core.validation import check_fields, check_known, check_note, check_text
from partnership import events
from partnership.choices import UNDECLARED_STATUSES, CommitmentNature, Recurrence
from partnership.models import Axis, Commitment, Convention, Party
from partnership.permissions.ledger import can_create_commitment, can_update_commitment
from partnership.services.gates import held_convention, require_reason_once_signed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime
    from decimal import Decimal
    from uuid import UUID

    from core.actors import Actor

RELATIONS: Final = frozenset({"axis", "obligor", "beneficiary"})
FIELDS: Final = frozenset({"title_fr", "title_ar", "title_en", "description", "nature", "amount", "due_on", "recurrence", "source"})
# What the parties put their names to.
SIGNED_FIELDS: Final = frozenset({"title_fr", "title_ar", "title_en", "obligor", "beneficiary", "nature", "amount", "due_on"})


def create_commitment(
    *,
    convention: UUID,
    axis: UUID,
    obligor: UUID,
    beneficiary: UUID,
    title_fr: str,
    title_ar: str = "",
    title_en: str = "",
    reference: str = "",
    description: str = "",
    nature: str = CommitmentNature.NON_FINANCIAL,
    amount: Decimal | None = None,
    due_on: date | None = None,
    recurrence: str = Recurrence.NONE,
    source: str = "",
    reason: str = "",
    by: Actor,
) -> Commitment:
    """Add what the party `obligor` owes the party `beneficiary` under an axis. Without `reference` the next free E-01, E-02… is given.

    Amounts are MAD; one that is not known stays null. Refuses: an axis or a party of another convention, the same party twice, an
    amount that is not positive or not financial, a recurrence without a date, a convention that is over.
    """
    reason = check_note(reason, field="reason")
    with act(by=by, reason=reason):
        held = held_convention(convention, by=by)
        require(can_create_commitment(by, held))
        commitment = Commitment(
            convention=held, reference=_free_reference(held, reference), title_fr=check_text(title_fr, field="title_fr", maximum=300),
            title_ar=title_ar, title_en=title_en, description=description, nature=nature, amount=amount, due_on=due_on,
            recurrence=recurrence, source=source,
        )  # fmt: skip
        for name, pk in {"axis": axis, "obligor": obligor, "beneficiary": beneficiary}.items():
            setattr(commitment, name, _of_convention(name, pk, convention=held))
        _check_terms(commitment, FIELDS | {"reference"})
        commitment.save(force_insert=True)
        _announce(events.COMMITMENT_CREATED, commitment)
    return commitment


def update_commitment(
    *, commitment: UUID, changes: Mapping[str, Any], by: Actor, reason: str = "", version: datetime | None = None
) -> Commitment:
    """Change the terms while nothing is declared. Returns the commitment; nothing is written when nothing differs.

    Once the convention is signed a change of title, parties, nature, amount or date needs a reason: the amendment that parties sign
    for it comes with the rooms of governance. Refuses: unknown fields, a commitment declared, settled or cancelled, a stale version.
    """
    reason = check_note(reason, field="reason")
    with act(by=by, reason=reason):
        seen: Commitment = Commitment.objects.visible_to(by).get(pk=commitment)
        require(can_update_commitment(by, seen))
        convention = held_convention(seen.convention_id, by=by)
        held: Commitment = lock(Commitment.objects.visible_to(by), commitment)
        check_version(held, version)
        check_known(changes, FIELDS | RELATIONS)
        wanted = {
            name: _of_convention(name, getattr(value, "pk", value), convention=convention) if name in RELATIONS else value
            for name, value in changes.items()
        }
        differing = {name: value for name, value in wanted.items() if getattr(held, name) != value}
        if not differing:
            return held
        if held.status not in UNDECLARED_STATUSES:
            raise Conflict(_("What is declared or settled keeps its terms."), code="terms_frozen")
        require_reason_once_signed(convention, reason, what=SIGNED_FIELDS & differing.keys())
        for name, value in differing.items():
            setattr(held, name, value)
        _check_terms(held, differing.keys() - RELATIONS)
        write(held, **differing)
        _announce(events.COMMITMENT_UPDATED, held, fields=sorted(differing))
    return held


def _of_convention(name: str, pk: UUID, *, convention: Convention) -> Axis | Party:
    """The axis or party of this very convention: the database holds it too, by a composite key."""
    model: type[Axis] | type[Party] = Axis if name == "axis" else Party
    found = model._default_manager.filter(pk=pk, convention=convention).first()
    if found is None:
        raise Invalid(_("Choose one of this convention."), code="invalid_choice", field=name)
    return found


def _check_terms(commitment: Commitment, names: Any) -> None:
    check_fields(commitment, names)
    if commitment.obligor_id == commitment.beneficiary_id:
        raise Invalid(_("A party owes nothing to itself: choose another beneficiary."), code="same_party", field="beneficiary")
    if commitment.amount is not None and commitment.amount <= 0:
        raise Invalid(_("An amount is positive; leave it empty when it is not known."), code="not_positive", field="amount")
    if commitment.amount is not None and commitment.nature != CommitmentNature.FINANCIAL:
        raise Invalid(_("Only a financial commitment has an amount."), code="not_financial", field="amount")
    if commitment.recurrence != Recurrence.NONE and commitment.due_on is None:
        raise Invalid(_("What recurs needs a first date."), code="required", field="due_on")


def _free_reference(convention: Convention, reference: str) -> str:
    """The reference asked for, or the next number. The convention is locked: two at once cannot take the same."""
    taken = set(convention.commitments.values_list("reference", flat=True))
    if reference.strip():
        reference = check_text(reference, field="reference", maximum=20)
        if reference in taken:
            raise Invalid(_("A commitment of this convention already has this reference."), code="unique", field="reference")
        return reference
    number = len(taken) + 1
    while f"E-{number:02d}" in taken:
        number += 1
    return f"E-{number:02d}"


def _announce(name: str, commitment: Commitment, **data: Any) -> None:
    concerned = [commitment.obligor.organisation_id, commitment.beneficiary.organisation_id]
    announce(name, about=commitment, organisations=concerned, **data)
