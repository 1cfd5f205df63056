"""Who may open, change and close accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accounts.models import User
from accounts.roles import StaffRole
from core.actors import is_system

if TYPE_CHECKING:
    from core.actors import Actor


def can_open_account(user: Actor) -> bool:
    """The system (an invitation that is accepted, data that is loaded) and accounts managers."""
    return is_system(user) or (isinstance(user, User) and user.has_staff_role(StaffRole.ACCOUNT_MANAGER))


def can_manage_account(user: Actor, account: User) -> bool:
    """Accounts managers, but nobody their own: roles, closing, address and second factor need somebody else."""
    return can_open_account(user) and user.pk != account.pk


def can_update_account(user: Actor, account: User) -> bool:
    """The account's owner; accounts managers."""
    return can_open_account(user) or (isinstance(user, User) and user.is_active and user.pk == account.pk)
