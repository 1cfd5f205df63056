"""Every address with its parameters filled, every role that may knock, and what is typed into a form by somebody who means harm."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.roles import MandateRole, StaffRole
from partnership.acts import (
    ACTION_ACTS,
    AFFILIATION_ACTS,
    COMMITMENT_ACTS,
    CONVENTION_ACTS,
    INVITATION_ACTS,
    MANDATE_ACTS,
    ORGANISATION_ACTS,
)
from portal.imports import CATALOGUE as IMPORTS
from portal.reports import CATALOGUE
from tests.architecture.test_addresses import _endpoint
from tests.factories.accounts import sign_in
from tests.factories.everything import TOKEN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from django.http import HttpResponse

    from accounts.models import User
    from core.acts import Act
    from tests.factories.everything import Everything

MISSING: Final = "01890000-0000-7000-8000-00000000dead"
# Numbers, texts and paths in place of an id: none of them leads anywhere.
MALFORMED: Final = ("x", "1" + "0" * 30, "a" * 5_000, "🏨", "%00", "..%2f", "_")


class Door(NamedTuple):
    """An address: its name, and the names of its parameters."""

    name: str
    parameters: tuple[str, ...]
    route: str


def _walk(resolver: URLResolver, space: str, route: str) -> Iterator[Door]:
    for pattern in resolver.url_patterns:
        here = route + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            if _endpoint(pattern.callback) is None:
                yield Door(f"{space}{pattern.name or ''}", tuple(pattern.pattern.regex.groupindex), here)
        else:
            yield from _walk(pattern, space + (f"{pattern.namespace}:" if pattern.namespace else ""), here)


def doors() -> list[Door]:
    """Every address but the API's, which has tests of its own (tests/api/test_hostile.py)."""
    return list(_walk(get_resolver(), "", ""))


# -- filling -----------------------------------------------------------------------------------------------------------
def _slugs(acts: Sequence[Act]) -> list[str]:
    return [*(act.slug for act in acts), "nothing"]


# The noun whose id stands in the address, and the values of the other parameters.
NOUNS: Final[Mapping[str, tuple[str, Mapping[str, Sequence[Any]]]]] = {
    "partnership:organisation_detail": ("organisation", {}),
    "partnership:organisation_update": ("organisation", {}),
    "partnership:organisation_invite": ("organisation", {}),
    "partnership:organisation_act": ("organisation", {"slug": _slugs(ORGANISATION_ACTS)}),
    "partnership:affiliation_act": ("affiliation", {"slug": _slugs(AFFILIATION_ACTS)}),
    "partnership:mandate_act": ("mandate", {"slug": _slugs(MANDATE_ACTS)}),
    "partnership:invitation_act": ("invitation", {"slug": _slugs(INVITATION_ACTS)}),
    "partnership:action_detail": ("action", {}),
    "partnership:action_update": ("action", {}),
    "partnership:action_act": ("action", {"slug": _slugs(ACTION_ACTS)}),
    "partnership:commitment_act": ("commitment", {"slug": _slugs(COMMITMENT_ACTS)}),
    "partnership:commitment_detail": ("commitment", {}),
    "partnership:convention_detail": ("convention", {}),
    "partnership:convention_act": ("convention", {"slug": _slugs(CONVENTION_ACTS)}),
    "partnership:document_add": ("convention", {}),
    "partnership:document_detail": ("document", {}),
    "partnership:document_latest": ("document", {}),
    "partnership:version_add": ("document", {}),
    "partnership:document_version": ("document", {"number": [1, 0, 2, 10**30]}),
    "partnership:document_remove": ("document", {}),
    "partnership:document_restore": ("document", {}),
    "portal:notification_open": ("notification", {}),
    "portal:report_detail": ("job", {}),
    "portal:report_file": ("job", {}),
    "portal:report_act": ("job", {"slug": ["cancel", "retry", "nothing"]}),
    "portal:import_detail": ("importbatch", {}),
    "portal:import_stop": ("importbatch", {}),
    "portal:import_act": ("importbatch", {"slug": ["apply", "undo", "abandon", "nothing"]}),
    "portal:public_convention": ("published", {}),
}
# Addresses without an id of ours: each with the values of its parameters.
OTHERS: Final[Mapping[str, Sequence[Mapping[str, Any]]]] = {
    "partnership:invitation_accept": [{"token": text} for text in (TOKEN, "x", "a" * 5_000, "🏨")],
    "portal:report_new": [{"kind": kind} for kind in (*(report.kind for report in CATALOGUE), "nothing")],
    "portal:import_new": [{"kind": kind} for kind in (*(one.kind for one in IMPORTS), "nothing")],
    "demo_mail": [{"key": "x"}],
    "account_reset_password_from_key": [{"uidb36": "1", "key": "set-password"}, {"uidb36": "z" * 40, "key": "x-x"}],
    "session_end": [{"pk": 1}, {"pk": 10**30}],
    "mfa_remove_webauthn": [{"pk": 1}, {"pk": 10**30}],
    "mfa_edit_webauthn": [{"pk": 1}, {"pk": 10**30}],
    "admin:app_list": [{"app_label": "partnership"}],
}
ADMIN_NOUNS: Final[Mapping[str, str]] = {
    "core_holiday": "holiday", "core_outboxmail": "mail", "core_job": "job", "core_reminderoccurrence": "reminder",
    "accounts_user": "user", "core_privacyrequest": "privacy_request", "core_receipt": "receipt", "core_erasure": "erasure",
    **{f"partnership_{noun}": noun for noun in (
        "action", "convention", "party", "axis", "commitment", "evidence", "document", "organisation", "affiliation", "apiclient", "person",
        "mandate", "invitation", "region", "destination",
    )},
}  # fmt: skip


def _admin_noun(door: Door) -> tuple[str, str] | None:
    base, _line, page = door.name.removeprefix("admin:").rpartition("_")
    return (ADMIN_NOUNS[base], page) if door.name.startswith("admin:") and base in ADMIN_NOUNS else None


def _admin_slugs(door: Door) -> list[str]:
    from django.contrib import admin

    base = door.name.removeprefix("admin:").rpartition("_")[0]
    page: Any = next(page for model, page in admin.site._registry.items() if model._meta.label_lower.replace(".", "_") == base)
    return _slugs(page.acts)


def paths(door: Door, things: Everything, pk: Any = None) -> list[str] | None:
    """The addresses of a door, its id being Atlas's (or `pk`); None when nobody said how to fill it."""
    if not door.parameters:
        return [reverse(door.name)] if not door.name.endswith(":") else None
    if door.name in OTHERS:
        return [reverse(door.name, kwargs=dict(values)) for values in OTHERS[door.name]]
    if door.name in NOUNS:
        noun, more = NOUNS[door.name]
        row = things.world.convention if noun == "published" else things.row(noun)
        return [reverse(door.name, kwargs={"pk": pk or row.pk, **values}) for values in _product(more)]
    if (found := _admin_noun(door)) is not None:
        noun, _page = found
        more = {"slug": _admin_slugs(door)} if "slug" in door.parameters else {}
        given = {"object_id": pk or things.row(noun).pk} if "object_id" in door.parameters else {}
        return [reverse(door.name, kwargs={**given, **values}) for values in _product(more)]
    return None


def _product(more: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    ((name, values),) = more.items() if more else (("", [None]),)
    return [{name: value} if name else {} for value in values]


# -- who knocks --------------------------------------------------------------------------------------------------------
ROLES: Final = ("anonymous", "operator", "competitor", "reader", "federation", "secretariat", "manager", "auditor", "accounts")


def person(things: Everything, role: str) -> User | None:
    """Who holds the role."""
    world = things.world
    return {
        "anonymous": None, "operator": world.operator, "competitor": world.competitor, "reader": world.users["atlas", MandateRole.READER],
        "federation": world.users["fnih", MandateRole.ADMINISTRATOR], "secretariat": world.secretariat, "manager": world.manager,
        "auditor": world.auditor, "accounts": world.staff[StaffRole.ACCOUNT_MANAGER],
    }[role]  # fmt: skip


# The part of the administration tried by each role: convention managers write almost everywhere, the others where they do.
ADMINISTRATION: Final = {
    "manager": re.compile(r"admin:"),
    "auditor": re.compile(r"admin:(.*_(changelist|change)|index|search|trail|forecast)$"),
    "accounts": re.compile(r"admin:(accounts_user|partnership_(apiclient|invitation))_"),
    "anonymous": re.compile(r"admin:.*(_act|_bulk|_add|index|search|trail)$"),
    "operator": re.compile(r"admin:.*(_change|index|search|trail)$"),
}


def opens(role: str, door: Door) -> bool:
    """Whether it is worth knocking."""
    if door.name.startswith("admin:"):
        return role in ADMINISTRATION and ADMINISTRATION[role].match(door.name) is not None
    return role not in {"auditor", "accounts"} or not door.parameters


# What a page may write by being read: the session's own bookkeeping.
BOOKKEEPING: Final = ("django_session", "core_cache", "usersessions_usersession")


class Knock(NamedTuple):
    """An answer, and the writes that it cost."""

    answer: HttpResponse
    writes: list[str]
    error: str


class Visitor:
    """A client that keeps its session whatever it does: every request is undone, its writes noted."""

    def __init__(self, user: User | None) -> None:
        self.client = Client(raise_request_exception=False)
        if user is not None:
            sign_in(self.client, user)
        self._kept = {name: morsel.value for name, morsel in self.client.cookies.items()}

    def __call__(self, method: str, path: str, data: Any = None, **headers: str) -> Knock:
        """Knock, then put everything back."""
        writes: list[str] = []

        def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            verb = sql.lstrip()[:6].upper()
            if verb in {"INSERT", "UPDATE", "DELETE"} and not any(table in sql for table in BOOKKEEPING):
                writes.append(sql[:160])
            return execute(sql, params, many, context)

        with transaction.atomic(), connection.execute_wrapper(note):
            answer = getattr(self.client, method)(path, data or {}, headers=headers)
            body = b"".join(answer) if answer.streaming else answer.content
            answer.body = body
            transaction.set_rollback(True)
        self.client.cookies.clear()
        self.client.cookies.load(self._kept)
        error = ""
        if answer.status_code >= 500 and getattr(answer, "exc_info", None):
            error = f"{answer.exc_info[0].__name__}: {str(answer.exc_info[1])[:200]}"
        return Knock(answer, writes, error)


# -- what is typed -----------------------------------------------------------------------------------------------------
WORDS: Final = "<script>alert(1)</script> 🏨 فندق ../../x \u202e {{ 7 }} %s ' \" \\"
UGLY: Final = ("flat", "words", "first", "last", "lists")
FLAT: Final = ("a\x00b", "1" + "0" * 30, "é" * 5_000)


def fields_of(answer: Any) -> dict[str, forms.Field]:
    """The fields of every form that a page shows, as its template received them."""
    found: dict[str, forms.Field] = {}
    for layer in answer.context or ():
        for value in layer.flatten().values() if hasattr(layer, "flatten") else dict(layer).values():
            form = getattr(value, "form", value)
            if isinstance(form, forms.BaseForm):
                found |= {form.add_prefix(name): field for name, field in form.fields.items()}
    return found


def typed(fields: Mapping[str, forms.Field], kind: str) -> dict[str, Any]:
    """What is sent for these fields: all of it ugly, or all of it likely but for one sort of ugliness that a form lets through."""
    data: dict[str, Any] = {"next": "//evil.example/", "version": "0001-01-01", "mandate": MISSING, "id": "x"}
    if kind == "flat":  # turned by the length of the form, so that from one form to another a field meets them all
        return {name: FLAT[(number + len(fields)) % 3] for number, name in enumerate([*fields, *data])}
    for name, field in fields.items():
        value = _likely(field, kind)
        data[name] = [value, WORDS, MISSING] if kind == "lists" else value
    if kind != "lists":
        data["version"] = ""
    return {name: value for name, value in data.items() if value is not None}


def _likely(field: forms.Field, kind: str) -> Any:
    days = {"first": date.min.isoformat(), "last": date.max.isoformat()}
    if isinstance(field, forms.FileField):
        return SimpleUploadedFile("../../x.pdf", b"<html>") if kind == "words" else None
    if isinstance(field, forms.DateTimeField | forms.SplitDateTimeField):
        return f"{days.get(kind, '2026-11-23')}T00:00"
    if isinstance(field, forms.DateField):
        return days.get(kind, "2026-11-23")
    if isinstance(field, forms.ChoiceField):
        offered: Any = field.choices
        choices = [str(value) for value, _label in offered if not isinstance(value, list | tuple) and str(value)]
        return next(iter(choices), MISSING)
    if isinstance(field, forms.IntegerField | forms.DecimalField | forms.FloatField):
        return {"first": "-2147483649", "last": "9" * 20}.get(kind, "50")
    if isinstance(field, forms.EmailField):
        return "a@example.ma"
    if isinstance(field, forms.URLField):
        return "https://example.ma/<x>"
    if isinstance(field, forms.BooleanField):
        return "on"
    return WORDS if kind in {"words", "last"} else "Un texte ordinaire"
