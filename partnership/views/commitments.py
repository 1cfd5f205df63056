"""A commitment's page: where it stands, who must act next and until when, what proves it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from core.doors import find_or_404
from partnership.choices import UNDECLARED_STATUSES, CommitmentStatus
from partnership.models import Commitment
from partnership.selectors.history import history
from partnership.selectors.trust import trust_of
from partnership.views.acts import COMMITMENT, acts_of

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse

    from accounts.models import User


def what_next(commitment: Commitment) -> dict[str, Any]:
    """Who must act next, in one sentence, and the date that binds (None: no date)."""
    obligor, beneficiary = {"party": commitment.obligor}, {"party": commitment.beneficiary}
    sentences = {
        CommitmentStatus.PLANNED: _("%(party)s is to start, then declare the delivery.") % obligor,
        CommitmentStatus.IN_PROGRESS: _("%(party)s is to declare the delivery.") % obligor,
        CommitmentStatus.DECLARED: _("%(party)s is to confirm the delivery, or contest it.") % beneficiary,
        CommitmentStatus.CONTESTED: _("%(party)s can still confirm it; otherwise a committee decides.") % beneficiary,
    }
    status = CommitmentStatus(commitment.status)
    return {"sentence": sentences.get(status, ""), "until": commitment.due_on if status in UNDECLARED_STATUSES else None}


@require_GET
def commitment_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One commitment, for the people of its convention's parties; nobody else knows that it exists."""
    user = cast("User", request.user)
    rows = Commitment.objects.visible_to(user).select_related(
        "convention", "axis", "obligor__organisation", "beneficiary__organisation", "declared_by", "settled_by", "previous", "following"
    )
    commitment = find_or_404(rows, pk)
    evidence = list(commitment.evidence.select_related("document", "organisation", "added_by"))
    context = {
        "commitment": commitment,
        "next": what_next(commitment),
        "acts": acts_of(COMMITMENT, user=user, obj=commitment),
        "evidence": evidence,
        "trust": trust_of(commitment),
        "actions": commitment.actions.visible_to(user).select_related("organisation"),
        "history": history(commitment),
    }
    return render(request, "partnership/commitment_detail.html", context)
