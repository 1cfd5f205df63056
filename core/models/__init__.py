"""The cellar's tables."""

from core.models.base import Base

__all__ = ["Base"]
