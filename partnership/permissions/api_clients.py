"""Who may give an organisation's programs access to the API, and take it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accounts.models import User
from accounts.roles import StaffRole
from core.actors import is_system
from partnership.choices import OrganisationStatus
from partnership.permissions.organisations import administers

if TYPE_CHECKING:
    from core.actors import Actor
    from partnership.models import ApiClient, Organisation


def _manages_accounts(user: Actor) -> bool:
    return is_system(user) or (isinstance(user, User) and user.has_staff_role(StaffRole.ACCOUNT_MANAGER))


def can_issue_api_client(user: Actor, organisation: Organisation) -> bool:
    """Accounts managers. None to an organisation that is suspended or closed."""
    return organisation.status not in {OrganisationStatus.SUSPENDED, OrganisationStatus.CLOSED} and _manages_accounts(user)


def can_revoke_api_client(user: Actor, client: ApiClient) -> bool:
    """Accounts managers; administrators of the organisation, who may have lost the secret."""
    return _manages_accounts(user) or administers(user, client.organisation_id)
