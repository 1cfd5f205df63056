"""The API's list of 50 actions, authenticated: against a bare function with the same answer, and against REST framework as documented."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from bench.load import get, load
from bench.row import Row, Sample

if TYPE_CHECKING:
    from bench.stand import Stand

PATH = "/api/v1/actions/"


def _measure(stand: Stand, server: str) -> Sample:
    return load(stand, server, PATH, seconds=stand.seconds)


def check(stand: Stand) -> None:
    """Ours answers what the bare function does, field by field; the usual one lists the same actions."""
    ours, limit = (json.loads(get(stand, server, PATH)) for server in ("ours", "limit"))
    usual = json.loads(get(stand, "usual", PATH))
    if ours["results"] != limit["results"]:
        wrong = next((a, b) for a, b in zip(ours["results"], limit["results"], strict=True) if a != b)
        raise AssertionError(f"the answers differ: {wrong}")
    if [row["id"] for row in ours["results"]] != [row["id"] for row in usual["results"]]:
        raise AssertionError("the usual way lists other actions")
    for server in ("ours", "limit", "usual"):
        for _ in range(20):
            get(stand, server, PATH)


ROW = Row(
    name="api-list",
    title="API list of 50, authenticated, all middleware",
    floor=0.55,
    limit=lambda stand: _measure(stand, "limit"),
    usual=lambda stand: _measure(stand, "usual"),
    ours=lambda stand: _measure(stand, "ours"),
    check=check,
    usual_floor=8,
    most_growth=1.2,
    note="limit: bare psycopg2 + orjson; usual: ModelSerializer + PageNumber + TokenAuth",
)
