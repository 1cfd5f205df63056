"""The administration's mechanisms, and the cellar's own tables in it."""

from core.admin import holidays, jobs, mail, privacy, reminders

__all__ = ["holidays", "jobs", "mail", "privacy", "reminders"]
