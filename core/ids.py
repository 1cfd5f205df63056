"""Identifiers: opaque in addresses, ordered by time in indexes (UUID version 7, RFC 9562)."""

from uuid import UUID

from uuid_utils import compat


def new_id() -> UUID:
    """A new UUIDv7."""
    return compat.uuid7()
