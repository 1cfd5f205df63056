"""Who changed what, when and why, of the partnership's objects: the mechanism is the cellar's (core.history)."""

from core.history import Change, Difference, events_of, history

__all__ = ["Change", "Difference", "events_of", "history"]
