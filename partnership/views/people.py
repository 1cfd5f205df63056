"""Colleagues and invitations of an organisation: who may do what for it, who is asked to join."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.stepup import fresh_proof
from core.acts import offers
from core.doors import attempt, find_or_404
from partnership.acts import INVITATION_ACTS, MANDATE_ACTS
from partnership.forms.organisations import InviteForm
from partnership.models import Invitation, Mandate, Organisation
from partnership.permissions import organisations as may
from partnership.services import invitations
from partnership.views.acts import perform
from partnership.views.organisations import INVITATION, MANDATE

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse

    from accounts.models import User


@fresh_proof()
@require_http_methods(["GET", "POST"])
def organisation_invite(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Invite somebody to act for an organisation. The answer is the same whether the address has an account or not."""
    user = cast("User", request.user)
    organisation = find_or_404(Organisation.objects.visible_to(user), pk)
    if not may.can_invite(user, organisation):
        raise PermissionDenied
    form = InviteForm(request.POST if request.method == "POST" else None, initial={"role": "member", "language": user.language})
    status = 200
    if request.method == "POST":
        outcome = attempt(
            form, lambda **given: invitations.invite(organisation=organisation.pk, **form.cleaned_data, **given), by=user
        )  # fmt: skip
        if outcome.done and outcome.result is not None:
            address = outcome.result.email
            messages.success(request, _("The invitation leaves now for %(address)s; it is good for seven days.") % {"address": address})
            return redirect(INVITATION.page_of(outcome.result))
        status = outcome.status
    back = INVITATION.page_of(Invitation(organisation=organisation))
    return render(
        request, "partnership/invitation_form.html", {"form": form, "organisation": organisation, "back": back}, status=status
    )  # fmt: skip


@offers(MANDATE_ACTS)
@require_http_methods(["GET", "POST"])
def mandate_act(request: HttpRequest, pk: UUID, slug: str) -> HttpResponse:
    """Change a colleague's role, or end a mandate. Whoever leaves an organisation goes back to the home page."""
    user = cast("User", request.user)
    response = perform(request, MANDATE, Mandate.objects.select_related("person", "organisation"), pk, slug)
    leaves = response.status_code == 302 and Mandate.objects.filter(pk=pk, person__user=user).exclude(ends_on=None).exists()
    return redirect("/") if leaves else response


@offers(INVITATION_ACTS)
@require_http_methods(["GET", "POST"])
def invitation_act(request: HttpRequest, pk: UUID, slug: str) -> HttpResponse:
    """Send a new link, or withdraw an invitation."""
    return perform(request, INVITATION, Invitation.objects.select_related("organisation"), pk, slug)
