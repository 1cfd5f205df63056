"""Who may act for an organisation, and who may change organisations, affiliations, people, mandates and invitations.

Answers come from the mandates that hold today, read once and kept on the actor for the length of a request.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from accounts.models import User
from accounts.roles import OPERATING_ROLES, MandateRole, StaffRole
from core.actors import is_system
from partnership.choices import AffiliationStatus, OrganisationKind, OrganisationStatus
from partnership.models import Affiliation, Mandate, Organisation

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from core.actors import Actor
    from partnership.models import Invitation, Person

ACTING_ROLES = frozenset({MandateRole.ADMINISTRATOR, MandateRole.MEMBER})
# Bodies that have members: they vouch for them and keep their affiliations.
BODY_KINDS = frozenset({OrganisationKind.CONFEDERATION, OrganisationKind.FEDERATION, OrganisationKind.REGIONAL_COUNCIL})
SILENCED = frozenset({OrganisationStatus.SUSPENDED, OrganisationStatus.CLOSED})


def _mandates(user: User) -> Mapping[UUID, tuple[str, str]]:
    """Role and state of the organisation for each organisation with a mandate today; one query, once per request."""
    kept: dict[UUID, tuple[str, str]] | None = getattr(user, "_mandates_today", None)
    if kept is None:
        rows = Mandate.objects.current().filter(person__user_id=user.pk).values_list("organisation_id", "role", "organisation__status")
        kept = {organisation_id: (role, status) for organisation_id, role, status in rows}
        user._mandates_today = kept  # type: ignore[attr-defined]
    return kept


def forget_mandates(actor: Actor) -> None:
    """Drop what the actor remembers of its mandates, so that the next question reads them again."""
    for name in ("_mandates_today", "_organisation_ids"):
        # Not vars(): a request's user is a lazy proxy, whose own dictionary is not the account's.
        if hasattr(actor, name):
            delattr(actor, name)


def _role(actor: Actor, organisation_id: UUID) -> tuple[str, str]:
    """Role held today in an organisation and that organisation's state; empty when none, or when another is being acted for."""
    if not isinstance(actor, User) or not actor.is_active:
        return "", ""
    if actor.acting_organisation_id not in (None, organisation_id):
        return "", ""
    return _mandates(actor).get(organisation_id, ("", ""))


def _has_role(actor: Actor, *roles: StaffRole) -> bool:
    return is_system(actor) or (isinstance(actor, User) and actor.has_staff_role(*roles))


def _is_host(actor: User, organisation_id: UUID) -> bool:
    if not hasattr(actor, "_host_id"):
        actor._host_id = Organisation.objects.filter(is_host=True).values_list("id", flat=True).first()  # type: ignore[attr-defined]
    host_id: UUID | None = getattr(actor, "_host_id", None)
    return host_id == organisation_id


def acts_for(user: Actor, organisation_id: UUID) -> bool:
    """Administrators and members by a mandate, the host's convention managers, a partner's client with a write scope, the system.

    Nobody acts for a suspended or closed organisation, nor for one of his organisations while acting for another.
    """
    if is_system(user):
        return True
    principal = cast("UUID | None", getattr(user, "organisation_id", None))
    if principal is not None:
        return principal == organisation_id and any(str(scope).endswith(":write") for scope in getattr(user, "scopes", ()))
    if isinstance(user, User) and user.has_staff_role(StaffRole.CONVENTION_MANAGER) and _is_host(user, organisation_id):
        return True
    role, status = _role(user, organisation_id)
    return role in ACTING_ROLES and status not in SILENCED


def administers(user: Actor, organisation_id: UUID) -> bool:
    """Administrators of the organisation, by a mandate that holds today."""
    role, status = _role(user, organisation_id)
    return role == MandateRole.ADMINISTRATOR and status != OrganisationStatus.CLOSED


def _administers_a_body_of(user: Actor, organisation: Organisation) -> bool:
    """Administrators of a federation, council or confederation of which the organisation is an active member today."""
    if not isinstance(user, User):
        return False
    bodies = {
        pk
        for pk, (role, status) in _mandates(user).items()
        if role == MandateRole.ADMINISTRATOR and status not in SILENCED and user.acting_organisation_id in (None, pk)
    }
    return (
        bool(bodies)
        and Affiliation.objects.current().filter(organisation=organisation, body__in=bodies, status=AffiliationStatus.ACTIVE).exists()
    )


# -- organisations -----------------------------------------------------------------------------------------------------
def can_register_organisation(user: Actor) -> bool:
    """Staff who run operations."""
    return _has_role(user, *OPERATING_ROLES)


def can_update_organisation(user: Actor, organisation: Organisation) -> bool:
    """Staff who run operations (every field); the organisation's administrators (its profile), unless it is closed."""
    return organisation.status != OrganisationStatus.CLOSED and (_has_role(user, *OPERATING_ROLES) or administers(user, organisation.pk))


def can_update_organisation_registry(user: Actor, organisation: Organisation) -> bool:
    """Staff who run operations: kind, ICE and the other fields that identify."""
    return organisation.status != OrganisationStatus.CLOSED and _has_role(user, *OPERATING_ROLES)


def can_admit_organisation(user: Actor, organisation: Organisation) -> bool:
    """Staff who run operations."""
    return _has_role(user, *OPERATING_ROLES)


def can_vouch_organisation(user: Actor, organisation: Organisation) -> bool:
    """Convention managers; administrators of a body of which the organisation is an active member today. Never one's own organisation."""
    if administers(user, organisation.pk):
        return False
    return _has_role(user, StaffRole.CONVENTION_MANAGER) or _administers_a_body_of(user, organisation)


def can_suspend_organisation(user: Actor, organisation: Organisation) -> bool:
    """Convention managers; nobody suspends the organisation that runs the portal."""
    return not organisation.is_host and _has_role(user, StaffRole.CONVENTION_MANAGER)


def can_reinstate_organisation(user: Actor, organisation: Organisation) -> bool:
    """Convention managers."""
    return _has_role(user, StaffRole.CONVENTION_MANAGER)


def can_close_organisation(user: Actor, organisation: Organisation) -> bool:
    """Convention managers; nobody closes the organisation that runs the portal."""
    return not organisation.is_host and _has_role(user, StaffRole.CONVENTION_MANAGER)


def can_load_reference(user: Actor) -> bool:
    """Convention managers, and the system (the commands of installation)."""
    return _has_role(user, StaffRole.CONVENTION_MANAGER)


# -- affiliations ------------------------------------------------------------------------------------------------------
def can_affiliate_organisation(user: Actor, body: Organisation) -> bool:
    """Staff who run operations; administrators of the body that takes the member."""
    return _has_role(user, *OPERATING_ROLES) or administers(user, body.pk)


def can_suspend_affiliation(user: Actor, affiliation: Affiliation) -> bool:
    """Convention managers; administrators of the body, or of the member (a federation may suspend itself)."""
    return (
        _has_role(user, StaffRole.CONVENTION_MANAGER)
        or administers(user, affiliation.body_id)
        or administers(user, affiliation.organisation_id)
    )


def can_resume_affiliation(user: Actor, affiliation: Affiliation) -> bool:
    """Convention managers; administrators of the body: it decides who comes back."""
    return _has_role(user, StaffRole.CONVENTION_MANAGER) or administers(user, affiliation.body_id)


def can_withdraw_affiliation(user: Actor, affiliation: Affiliation) -> bool:
    """As for suspending."""
    return can_suspend_affiliation(user, affiliation)


# -- people ------------------------------------------------------------------------------------------------------------
def can_register_person(user: Actor) -> bool:
    """Staff who run operations or accounts. An organisation's administrator invites instead."""
    return _has_role(user, StaffRole.ACCOUNT_MANAGER, *OPERATING_ROLES)


def can_update_person(user: Actor, person: Person) -> bool:
    """Staff who run operations or accounts; the person itself, from its account."""
    return can_register_person(user) or (isinstance(user, User) and user.is_active and person.user_id == user.pk)


def can_give_mandate(user: Actor, organisation: Organisation) -> bool:
    """Accounts managers and convention managers; the organisation's administrators. None in a closed organisation."""
    if organisation.status == OrganisationStatus.CLOSED:
        return False
    return _has_role(user, StaffRole.ACCOUNT_MANAGER, StaffRole.CONVENTION_MANAGER) or administers(user, organisation.pk)


def can_change_mandate(user: Actor, mandate: Mandate) -> bool:
    """Accounts managers and convention managers; the organisation's administrators."""
    return _has_role(user, StaffRole.ACCOUNT_MANAGER, StaffRole.CONVENTION_MANAGER) or administers(user, mandate.organisation_id)


def can_end_mandate(user: Actor, mandate: Mandate) -> bool:
    """As for changing it; and anybody may leave an organisation."""
    return can_change_mandate(user, mandate) or (isinstance(user, User) and user.is_active and mandate.person.user_id == user.pk)


def can_manage_mandates(user: Actor) -> bool:
    """Accounts managers: the mandates of anybody, when an account is closed."""
    return _has_role(user, StaffRole.ACCOUNT_MANAGER)


def can_erase_account(user: Actor, account: User) -> bool:
    """Accounts managers, but nobody oneself; the retention round."""
    return _has_role(user, StaffRole.ACCOUNT_MANAGER) and user.pk != account.pk


def can_erase_person(user: Actor, person: Person) -> bool:
    """As for an account."""
    own = person.user_id is not None and person.user_id == user.pk
    return _has_role(user, StaffRole.ACCOUNT_MANAGER) and not own


def can_erase_unanswered(user: Actor) -> bool:
    """The retention round alone."""
    return is_system(user)


# -- invitations -------------------------------------------------------------------------------------------------------
def can_invite(user: Actor, organisation: Organisation) -> bool:
    """Accounts managers; the organisation's administrators. None to a closed organisation."""
    if organisation.status == OrganisationStatus.CLOSED:
        return False
    return _has_role(user, StaffRole.ACCOUNT_MANAGER) or administers(user, organisation.pk)


def can_revoke_invitation(user: Actor, invitation: Invitation) -> bool:
    """Accounts managers; the organisation's administrators."""
    return _has_role(user, StaffRole.ACCOUNT_MANAGER) or administers(user, invitation.organisation_id)


def can_renew_invitation(user: Actor, invitation: Invitation) -> bool:
    """As for inviting."""
    return can_invite(user, invitation.organisation)
