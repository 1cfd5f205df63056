"""The limit of a Python list: one WSGI function, psycopg2, hand-written SQL and orjson. No framework, the same answer as the portal's."""

from __future__ import annotations

import hashlib
import os
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson
import psycopg2

from partnership.choices import OPEN_ACTION_STATUSES, ActionStatus, Priority

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

CALLER = """
SELECT c.organisation_id::text, t.scopes FROM allauth_idp_oidc_token t JOIN partnership_apiclient c ON c.client_id = t.client_id
JOIN partnership_organisation o ON o.id = c.organisation_id
WHERE t.type = 'at' AND t.hash = %s AND t.user_id IS NULL AND t.expires_at > %s AND c.revoked_at IS NULL AND c.expires_on >= %s
    AND o.status NOT IN ('suspended', 'closed')
"""
LIST = """
SELECT a.id::text, a.convention_id::text, x.id::text, x.code, x.title_fr, x.title_ar, x.title_en,
    (SELECT c.id::text FROM partnership_commitment c WHERE c.id = a.commitment_id AND EXISTS (SELECT FROM partnership_party p
        JOIN partnership_convention v ON v.id = p.convention_id
        WHERE p.convention_id = c.convention_id AND p.organisation_id = %(caller)s AND v.status <> 'draft')),
    o.id::text, o.name_fr, o.name_ar, o.acronym, r.full_name, a.title, a.description, a.priority, a.starts_on, a.due_on, a.progress,
    a.status, a.status_reason, a.outcome, a.source, a.done_at, a.verified_at, a.updated_at,
    EXISTS (SELECT FROM partnership_evidence e JOIN partnership_document d ON d.id = e.document_id
        WHERE e.action_id = a.id AND d.removed_at IS NULL AND (e.expires_on IS NULL OR e.expires_on >= %(today)s))
FROM partnership_action a JOIN partnership_axis x ON x.id = a.axis_id JOIN partnership_organisation o ON o.id = a.organisation_id
LEFT JOIN partnership_person r ON r.id = a.responsible_id
WHERE a.organisation_id = %(caller)s OR EXISTS (SELECT FROM partnership_party p JOIN partnership_convention v ON v.id = p.convention_id
    WHERE p.convention_id = a.convention_id AND p.organisation_id = %(caller)s AND v.status <> 'draft')
ORDER BY a.due_on, a.id LIMIT 51
"""
_open = frozenset(str(status) for status in OPEN_ACTION_STATUSES)
_local = threading.local()


def _connection() -> Any:
    connection = getattr(_local, "connection", None)
    if connection is None:
        connection = _local.connection = psycopg2.connect(os.environ["DATABASE_URL"])
        connection.autocommit = True
    return connection


def _texts(fr: str, ar: str, en: str | None) -> dict[str, str | None]:
    return {"fr": fr or None, "ar": ar or None, "en": en or None}


def _instant(value: datetime | None) -> str | None:
    return None if value is None else value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _trust(status: str, documented: bool) -> str | None:
    if status == "verified":
        return "verified"
    return ("documented" if documented else "declared") if status == "done" else None


def _shape(row: tuple[Any, ...], today: Any) -> dict[str, Any]:
    (pk, convention, axis, code, fr, ar, en, commitment, owner, name_fr, name_ar, acronym, responsible, title, description, priority,
     starts, due, progress, status, reason, outcome, source, done, verified, updated, documented) = row  # fmt: skip
    return {
        "id": pk, "convention": convention, "axis": {"id": axis, "code": code, "title": _texts(fr, ar, en)}, "commitment": commitment,
        "organisation": {"id": owner, "name": _texts(name_fr, name_ar, None), "acronym": acronym or None}, "responsible": responsible,
        "title": title, "description": description or None, "priority": {"code": priority, "label": _words[priority]},
        "starts_on": starts.isoformat(), "due_on": due.isoformat(), "progress": progress,
        "state": {"code": status, "label": _words[status]}, "state_reason": reason or None,
        "is_late": status in _open and due < today,
        "trust": {"code": trust, "label": _words["trust " + trust]} if (trust := _trust(status, documented)) else None,
        "outcome": outcome or None, "source": source or None,
        "done_at": _instant(done), "verified_at": _instant(verified), "updated_at": _instant(updated),
    }  # fmt: skip


def _french() -> dict[str, str]:
    """The labels as the portal writes them, looked up once."""
    import django

    django.setup()
    from django.utils import translation

    from partnership.choices import TrustLabel

    with translation.override("fr"):
        words = {str(choice.value): str(choice.label) for choices in (Priority, ActionStatus) for choice in choices}
        return words | {f"trust {choice.value}": str(choice.label) for choice in TrustLabel}


_words = _french()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """The first page of the caller's actions."""
    now = datetime.now(tz=UTC)
    token = environ["HTTP_AUTHORIZATION"].partition(" ")[2]
    with _connection().cursor() as cursor:
        cursor.execute(CALLER, [hashlib.sha256(token.encode()).hexdigest(), now, now.date()])
        caller, _scopes = cursor.fetchone()
        cursor.execute(LIST, {"caller": caller, "today": now.date()})
        rows = cursor.fetchall()
    content = orjson.dumps({"next": None, "previous": None, "results": [_shape(row, now.date()) for row in rows[:50]]})
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(content)))])
    return [content]
