"""The action plan: actions opened and corrected many at a time, each through its service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from django.db.models import Value
from django.utils.translation import gettext_lazy as _

from core.errors import Invalid, Refusal
from core.events import announce
from core.imports.columns import ChoiceCell, DayCell, FieldCell, IdentifierCell, ImportColumn, NumberCell, ReferenceCell, text_of
from core.imports.content import ServiceImport, Touched, jsonable
from core.imports.export import ListExport
from core.mail import cancel
from partnership import events
from partnership.choices import ActionStatus, Priority
from partnership.filters import ActionFilter
from partnership.imports.references import find_organisation, name_in_database, organisation_name
from partnership.models import Action, Axis, Commitment, Convention
from partnership.permissions.ledger import can_open_action
from partnership.services import actions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from uuid import UUID

    from django.db.models import QuerySet

    from core.actors import Actor

CHANGED: Final = ("axis", "commitment", "organisation", "title", "description", "priority", "starts_on", "due_on", "source")
# What the workbook shows and its import never writes: each has its own acts.
SHOWN: Final = {
    "status": _("The state of an action does not change by import: use its own acts."),
    "progress": _("The progress of an action is not imported: whoever carries it reports it."),
}


def _field(name: str) -> Any:
    return Action._meta.get_field(name)


def _title(name: str) -> Any:
    return _field(name).verbose_name


class CodeCell(FieldCell):
    """The code of an axis or the reference of a commitment: which row it is depends on the convention beside it."""

    empty: Any = None

    def __init__(self) -> None:
        self.empty = None

    def read(self, raw: Any) -> str:
        """The code as written."""
        return text_of(raw)


class ActionImport(ServiceImport):
    """A row is found again by its identifier, else by its title under the same axis and owner."""

    kind = "actions"
    title = _("Actions")
    description = _("Open the actions of a plan and correct them: owner, axis, title, dates. Their owners are told, as one by one.")
    model: ClassVar[Any] = Action
    ordering = ("due_on", "id")

    def columns(self, by: Actor) -> tuple[ImportColumn, ...]:
        """What opening an action asks, its state and progress for reading, and why a date moves."""
        convention = ReferenceCell(
            lambda text: Convention.objects.of_parties(by).filter(reference=text).first(), lambda row: str(row.reference)
        )
        owner = ReferenceCell(find_organisation(by), organisation_name)
        codes = CodeCell()
        return (
            ImportColumn("id", _("Identifier"), IdentifierCell(), width=38, help=_("Taken from an export; empty for a new row")),
            ImportColumn("convention", _title("convention"), convention, required=True, source="convention__reference"),
            ImportColumn(
                "axis", _title("axis"), codes, required=True, of=lambda row: row.axis.code, source="axis__code", help=_("Its code")
            ),
            ImportColumn(
                "commitment", _title("commitment"), codes, of=lambda row: row.commitment.reference if row.commitment else "",
                source="commitment__reference", help=_("Its reference"),
            ),
            ImportColumn(
                "organisation", _title("organisation"), owner, required=True, source=name_in_database("organisation"), width=48
            ),
            ImportColumn("title", _title("title"), FieldCell(_field("title")), required=True, width=60),
            ImportColumn("description", _title("description"), FieldCell(_field("description")), width=60),
            ImportColumn("priority", _title("priority"), ChoiceCell(Priority.choices)),
            ImportColumn("starts_on", _title("starts_on"), DayCell(), required=True),
            ImportColumn("due_on", _title("due_on"), DayCell(), required=True),
            ImportColumn("source", _title("source"), FieldCell(_field("source")), width=30),
            ImportColumn("status", _title("status"), ChoiceCell(ActionStatus.choices), help=_("For reading only")),
            ImportColumn("progress", _title("progress"), NumberCell(whole=True, maximum=100), help=_("For reading only")),
            ImportColumn(
                "reason", _("Reason of the change"), FieldCell(_field("status_reason")), of=lambda row: "", source=Value(""), width=40,
                help=_("Compulsory where a date moves"),
            ),
        )  # fmt: skip

    def may_import(self, user: Actor) -> bool:
        """Who may open an action under some convention: staff who run operations, people of a party."""
        return any(can_open_action(user, one) for one in Convention.objects.of_parties(user).prefetch_related("parties"))

    def rows(self, user: Actor, filters: Mapping[str, Any] | None = None) -> QuerySet[Action]:
        """Those `user` sees, as the list shows them."""
        rows: QuerySet[Action] = Action.objects.visible_to(user).select_related("convention", "axis", "commitment", "organisation")
        return (ActionFilter(filters, user=user).apply(rows) if filters else rows).order_by("due_on", "id")  # type: ignore[arg-type]

    def check_row(self, values: dict[str, Any], *, by: Actor) -> Iterator[tuple[str, Refusal]]:
        """The axis and the commitment are of the convention beside them."""
        convention = values.get("convention")
        rows: Mapping[str, Any] = {"axis": Axis.objects.visible_to(by), "commitment": Commitment.objects.visible_to(by)}
        for name, lookup in (("axis", "code"), ("commitment", "reference")):
            code = values.get(name)
            if not isinstance(code, str):
                continue
            found = rows[name].filter(convention=convention, **{lookup: code}).first() if convention is not None else None
            if found is None and convention is not None:
                yield name, Invalid(_("This convention has none of this code."), code="unknown_reference")
            values[name] = found

    def find(self, values: Mapping[str, Any], *, by: Actor) -> Action | None:
        """By its identifier; else by its title, under the same axis and owner."""
        rows = self.rows(by)
        if values.get("id"):
            return rows.get(pk=values["id"])
        return rows.filter(axis=values["axis"], organisation=values["organisation"], title=values["title"]).first()

    def differing(self, found: Any, values: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
        """What an update may change. Refuses another convention, another state, another progress."""
        if values["convention"].pk != found.convention_id:
            raise Invalid(_("An action does not change convention."), code="other_convention", field="convention")
        self._check_shown(values, {name: getattr(found, name) for name in SHOWN})
        given = {name: values[name] for name in CHANGED if name in values}
        return {name: (getattr(found, name), value) for name, value in given.items() if getattr(found, name) != value}

    def _check_shown(self, values: Mapping[str, Any], present: Mapping[str, Any]) -> None:
        for name, sentence in SHOWN.items():
            if values.get(name) not in (None, "", present[name]):
                raise Invalid(sentence, code="shown_only", field=name)

    def create(self, values: Mapping[str, Any], *, by: Actor) -> Sequence[Touched]:
        """Opened by its service: whoever owns it is told."""
        self._check_shown(values, {"status": ActionStatus.TODO, "progress": 0})
        related = {name: getattr(values.get(name), "pk", None) for name in ("convention", "axis", "organisation", "commitment")}
        texts = {name: values.get(name) or "" for name in ("description", "source")}
        opened = actions.open_action(
            **related, **texts, title=values["title"], starts_on=values["starts_on"], due_on=values["due_on"],  # type: ignore[arg-type]
            priority=values.get("priority") or Priority.NORMAL, by=by,
        )  # fmt: skip
        return [Touched(opened.pk, True, opened.updated_at)]

    def update(self, found: Any, changes: Mapping[str, Any], values: Mapping[str, Any], *, by: Actor) -> Sequence[Touched]:
        """Changed by its service."""
        before = jsonable(Action, {name: getattr(found, name) for name in changes})
        held = actions.update_action(action=found.pk, changes=dict(changes), by=by, reason=values.get("reason") or "")
        return [Touched(held.pk, False, held.updated_at, before)]

    def undone(self, *, created: Sequence[UUID], updated: Sequence[UUID], by: Actor) -> None:
        """What was told of the actions that go is withdrawn; those that change back are announced."""
        for row in Action.objects.filter(pk__in=created):
            cancel(row)
            announce(events.ACTION_CANCELLED, about=row, organisations=[row.organisation_id], status=row.status)
        for row in Action.objects.filter(pk__in=updated):
            announce(events.ACTION_UPDATED, about=row, organisations=[row.organisation_id], status=row.status)


class ActionExport(ListExport):
    """The actions, as their import takes them back."""

    kind = "actions"
    title = _("Actions")
    description = _("The actions you may see, as a table that can be corrected and imported again.")
    importer = ActionImport()
