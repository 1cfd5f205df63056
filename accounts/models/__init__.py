"""The front door's tables."""

from accounts.models.role import HeldRole
from accounts.models.user import User

__all__ = ["HeldRole", "User"]
