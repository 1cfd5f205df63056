"""The front door's tables."""

from accounts.models.user import User

__all__ = ["User"]
