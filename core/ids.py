"""Identifiers: opaque in addresses, ordered by time in indexes (UUID version 7, RFC 9562)."""

from uuid import UUID

from uuid_utils import compat, uuid7


def new_id_text() -> str:
    """The same as text, for many rows written at once."""
    return str(uuid7())


def new_id() -> UUID:
    """A new UUIDv7."""
    return compat.uuid7()
