"""Erasing what is held about a person: rows deleted, columns emptied or given the label, then no text keeps the name."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.contrib.auth.hashers import make_password
from django.contrib.postgres.fields import ArrayField

from core import clock
from core.models import Base, Erasure, Job
from core.models.privacy import OPEN_REQUESTS, PrivacyRequest, RequestState
from core.privacy import register, trail
from core.privacy.register import ADDRESS, BLANK, LABEL
from core.states import write

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from uuid import UUID

    from django.db import models

    from core.actors import Actor
    from core.privacy.register import Holding, Subject

DOMAIN = "erased.invalid"  # a domain that no mail reaches (RFC 2606)


def address_of(pk: UUID) -> str:
    """An address that leads nowhere, different for each row."""
    return f"{pk.hex}@{DOMAIN}"


def erase(*, subject: Subject, label: str, shared: Collection[str], own: Mapping[str, Collection[str]], by: Actor) -> Erasure:
    """Erase everything the register says is held about `subject`, within the caller's act and transaction; gives its record.

    `shared`: names, addresses, telephones that somebody else bears too; they leave the subject's own rows only, and the record
    says that texts are left to be read. `own`: for the ids of the subject's objects, what is replaced in their events alone.
    """
    erasure = Erasure.objects.create(account_id=subject.account, person_id=subject.person, label=label)
    touched: dict[str, int] = {}
    _close_requests(subject, by=by)
    alone = replace(subject, names=subject.names - set(shared), emails=subject.emails - set(shared), phones=subject.phones - set(shared))
    for held in register.holdings():
        # Rows that are the subject's by an id or by an address are the subject's; a name alone may be another's.
        rows = held.rows(alone if held.name else subject)
        count = _delete(rows) if held.deletes else _empty(held, rows, label)
        if count:
            table = held.table._meta.db_table
            touched[table] = touched.get(table, 0) + count
    if subject.account is not None:
        Job.objects.filter(requested_by=subject.account).exclude(result="").update(expires_at=clock.now())
    for table, count in trail.sweep(erasure, identifiers=alone.names | alone.emails | alone.phones, own=own).items():
        touched[table] = touched.get(table, 0) + count
    write(erasure, touched=touched, left_in_texts=bool(set(shared)), finished_at=clock.now())
    return erasure


def _close_requests(subject: Subject, *, by: Actor) -> None:
    """What was asked and still awaits an answer has its answer."""
    open_ones = PrivacyRequest.objects.filter(user=subject.account, status__in=OPEN_REQUESTS) if subject.account else ()
    for row in open_ones:
        write(row, status=RequestState.DONE, closed_at=clock.now(), handled_by_id=by.pk)


def _delete(rows: Any) -> int:
    keys = list(rows.values_list("pk", flat=True))
    rows.model._default_manager.filter(pk__in=keys).delete()
    return len(keys)


def _empty(held: Holding, rows: Any, label: str) -> int:
    """Write what the register says becomes of each column; contexts of the trail are left to the sweep."""
    names = [name for name, what in held.fields.items() if what in {LABEL, BLANK, ADDRESS} and held.model != "pghistory.Context"]
    count = 0
    for row in rows if names else ():
        values = {name: _emptied(row, name, held.fields[name], label) for name in names}
        if values != {name: getattr(row, name) for name in names}:
            if isinstance(row, Base):
                values["updated_at"] = clock.now()
            type(row)._default_manager.filter(pk=row.pk).update(**values)
            count += 1
    return count


def _emptied(row: models.Model, name: str, what: str, label: str) -> Any:
    field = row._meta.get_field(name)
    if what == ADDRESS:
        return address_of(row.pk)
    if what == LABEL:
        return label[: getattr(field, "max_length", None) or 1000] if getattr(row, name) else getattr(row, name)
    if name == "password":
        return make_password(None)
    if isinstance(field, ArrayField):
        return []
    return None if getattr(field, "null", False) else ""
