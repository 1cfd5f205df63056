"""What the partnership reminds of: who, when, with which message."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.reminders import Reminder

KINDS: tuple[type[Reminder], ...] = ()
