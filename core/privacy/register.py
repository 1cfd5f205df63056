"""The register of processing as data: what is done with whose data, why, how long; and where in the tables it lies.

The apps describe their processings and holdings, the roof assembles them (settings.PRIVACY names its module).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from django.apps import apps
from django.conf import settings
from django.db.models import Q

from core.models.privacy import Receipt

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from django.db.models import Model, QuerySet
    from django.utils.functional import _StrOrPromise

    from core.privacy.retention import Rule

# What erasing a person does to a column.
LABEL: Final = "label"  # the label under which what remains stands
BLANK: Final = "blank"  # emptied
ADDRESS: Final = "address"  # an address that leads nowhere
KEPT: Final = "kept"  # stays: it names no longer anybody once the row it points to is anonymous, or it is the record itself
DELETED: Final = "deleted"  # the whole row goes
EXPIRED: Final = "expired"  # a file: the next sweep of the jobs deletes it


@dataclass(frozen=True, slots=True)
class RetentionClass:
    """How long a class of data is kept, in words, and what ends it. `rules` are the slugs of the rules that apply it."""

    slug: str
    title: _StrOrPromise
    kept: _StrOrPromise
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Processing:
    """One processing, in the words of the public. `retention` are the slugs of its classes."""

    slug: str
    title: _StrOrPromise
    controller: _StrOrPromise
    purpose: _StrOrPromise
    basis: _StrOrPromise
    people: _StrOrPromise
    data: _StrOrPromise
    recipients: _StrOrPromise
    transfer: _StrOrPromise
    security: _StrOrPromise
    retention: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Subject:
    """Somebody whose data are meant: the rows, and every name, address and telephone ever recorded for them."""

    account: UUID | None = None
    person: UUID | None = None
    names: frozenset[str] = frozenset()
    emails: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Holding:
    """Personal columns of one table, how a person's rows are found in it, and what becomes of them.

    `account`, `person`, `email`, `phone`, `name`: the columns that hold the subject's. `fields`: each personal column and
    what erasing does to it. `shown`: other columns that make the export readable. `withheld`: personal columns that are
    not given back, each with its reason. `why`: why what is kept is kept.
    `title`: the table in words, where its own name is not translated.
    """

    model: str
    processing: str
    retention: str
    fields: Mapping[str, str]
    account: tuple[str, ...] = ()
    person: tuple[str, ...] = ()
    email: tuple[str, ...] = ()
    phone: tuple[str, ...] = ()
    name: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    withheld: Mapping[str, _StrOrPromise] = field(default_factory=dict)
    why: _StrOrPromise = ""
    title: _StrOrPromise = ""

    @property
    def name_of_table(self) -> str:
        """In the reader's language: its own name, or the one given here to a package's table."""
        return str(self.title or self.table._meta.verbose_name_plural)

    @property
    def table(self) -> type[Model]:
        """The model."""
        return apps.get_model(self.model)

    @property
    def deletes(self) -> bool:
        """Whether erasing deletes the rows."""
        return DELETED in self.fields.values()

    def rows(self, subject: Subject) -> QuerySet[Any]:
        """The subject's rows."""
        condition = Q(pk__in=[])
        for lookups, key in ((self.account, subject.account), (self.person, subject.person)):
            for lookup in lookups if key is not None else ():
                condition |= Q(**{lookup: str(key) if lookup.startswith("metadata") else key})
        for lookups, values in ((self.email, subject.emails), (self.phone, subject.phones), (self.name, subject.names)):
            for lookup in lookups:
                for value in values:
                    condition |= Q(**{f"{lookup}__iexact": value})
        return self.table._default_manager.filter(condition).order_by("pk")


def _content() -> Any:
    return import_module(settings.PRIVACY)


def controller() -> _StrOrPromise:
    """Who answers for the processings."""
    name: _StrOrPromise = _content().CONTROLLER
    return name


def processings() -> Sequence[Processing]:
    """Every processing, in the order of the register."""
    found: Sequence[Processing] = _content().PROCESSINGS
    return found


def holdings() -> Sequence[Holding]:
    """Every table that holds something about a person."""
    found: Sequence[Holding] = _content().HOLDINGS
    return found


def retention_classes() -> Mapping[str, RetentionClass]:
    """Every retention class, by its slug."""
    return {entry.slug: entry for entry in _content().RETENTION}


def rules() -> Sequence[Rule]:
    """Every rule of retention."""
    found: Sequence[Rule] = _content().RULES
    return found


def find(slug: str) -> Processing:
    """The processing of that slug (KeyError)."""
    return {entry.slug: entry for entry in processings()}[slug]


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the register as it is shown: the processing, its classes of retention, its receipts (none until received)."""

    processing: Processing
    retention: list[RetentionClass]
    receipts: list[Receipt]
    tables: list[str]


def entries() -> list[Entry]:
    """The register with the authority's receipts; one query."""
    receipts = list(Receipt.objects.all())
    classes = retention_classes()
    return [
        Entry(
            processing,
            [classes[slug] for slug in processing.retention],
            [receipt for receipt in receipts if receipt.processing == processing.slug],
            sorted({held.name_of_table for held in holdings() if held.processing == processing.slug}),
        )
        for processing in processings()
    ]


def consequences(subject: Subject) -> list[str]:
    """What erasing the subject would do, line by line, in the reader's language."""
    lines: list[str] = _content().consequences(subject)
    return lines


def subject_of(*, account: UUID | None = None, person: UUID | None = None) -> Subject:
    """Whose data are meant, from an account or from a person: the roof knows how the two are tied. Raises DoesNotExist."""
    found: Subject = _content().subject_of(account=account, person=person)
    return found
