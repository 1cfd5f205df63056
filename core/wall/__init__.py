"""The second wall: PostgreSQL itself shows a reader only the rows that are theirs, even when a filter is forgotten.

`current()` says who reads; the driver (core.postgres) sends it with every statement; policies, kept as data in the apps
(`settings.WALL`), are installed at the end of `migrate`. See docs/decisions, "Row-level security is the second wall".
"""

from core.wall.context import (
    NOBODY,
    OFFICE,
    PEOPLE,
    ROLES,
    SERVER,
    SYSTEM,
    Context,
    behind,
    carry,
    context_of,
    current,
    elevated,
    enter,
    narrowed,
    start_closed,
)
from core.wall.policies import Function, Rule, Wall, walls

__all__ = [
    "NOBODY", "OFFICE", "PEOPLE", "ROLES", "SERVER", "SYSTEM", "Context", "Function", "Rule", "Wall", "behind", "carry", "context_of",
    "current", "elevated", "enter", "narrowed", "start_closed", "walls",
]  # fmt: skip
