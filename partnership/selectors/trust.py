"""How far a delivery or a finished action is to be believed: one rule for the pages, the reports and the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

from django.db.models import Exists, OuterRef, Q

from core import clock
from partnership.choices import ActionStatus, CommitmentStatus, TrustLabel
from partnership.models import Action, Commitment, Document, Evidence

if TYPE_CHECKING:
    from django.db.models import QuerySet

R = TypeVar("R", Commitment, Action)

# Somebody other than its author agreed.
AGREED: Final = frozenset({CommitmentStatus.CONFIRMED, ActionStatus.VERIFIED})
# Its author says so, and nobody has agreed.
CLAIMED: Final = frozenset({CommitmentStatus.DECLARED, CommitmentStatus.CONTESTED, ActionStatus.DONE})


def with_trust(rows: QuerySet[R]) -> QuerySet[R]:
    """Adds `is_documented`: a file that is present and proves it today (unexpired evidence, or a document attached to it)."""
    noun = rows.model._meta.model_name
    unexpired = Q(expires_on=None) | Q(expires_on__gte=clock.today())
    proof = Evidence.objects.filter(unexpired, document__isnull=False, document__removed_at=None, **{str(noun): OuterRef("pk")})
    attached = Document.objects.present().filter(
        object_type__app_label="partnership", object_type__model=noun, object_id=OuterRef("pk"), evidence=None
    )
    return rows.annotate(is_documented=Q(Exists(proof)) | Q(Exists(attached)))


def trust_in(status: str, *, is_documented: bool) -> TrustLabel | None:
    """The label of a state; nothing before its author claims anything.

    Verified: somebody else agreed. Documented: a file proves it today, or a committee's minutes decide it. Declared: its author says so.
    """
    if status in AGREED:
        return TrustLabel.VERIFIED
    if status == CommitmentStatus.ARBITRATED:
        return TrustLabel.DOCUMENTED
    if status in CLAIMED:
        return TrustLabel.DOCUMENTED if is_documented else TrustLabel.DECLARED
    return None


def trust_of(row: Commitment | Action) -> TrustLabel | None:
    """The label of a row. Reads `is_documented` where `with_trust` put it, else asks once, if its state needs it."""
    documented: bool | None = getattr(row, "is_documented", None)
    if documented is None:
        documented = row.status in CLAIMED and _documented(row)
    return trust_in(row.status, is_documented=documented)


def _documented(row: Commitment | Action) -> bool:
    itself: QuerySet[Any] = type(row)._default_manager.filter(pk=row.pk)
    return with_trust(itself).filter(is_documented=True).exists()
