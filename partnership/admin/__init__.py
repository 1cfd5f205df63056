"""The partnership in the administration, noun by noun."""

from partnership.admin import actions, commitments, conventions, documents, organisations, people, territory

__all__ = ["actions", "commitments", "conventions", "documents", "organisations", "people", "territory"]
