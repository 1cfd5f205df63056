"""The directory of organisations: registered and kept up to date by staff, many at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from django.db.models import Value
from django.db.models.functions import Coalesce, NullIf
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from core.errors import Refusal
from core.ice import check_ice
from core.imports.bulk import TWICE
from core.imports.columns import CheckedCell, ChoiceCell, ChoicesCell, FieldCell, IdentifierCell, ImportColumn, ReferenceCell
from core.imports.content import BulkImport, DatabaseCheck
from core.imports.export import ListExport
from core.imports.headings import fold
from core.validation import check_text
from partnership import events
from partnership.choices import Activity, OrganisationKind, OrganisationStatus, SizeBand
from partnership.filters import OrganisationFilter
from partnership.models import Destination, Organisation, Region
from partnership.permissions.organisations import can_register_organisation
from partnership.services.organisations import check_places

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from django.db.models import QuerySet

    from core.actors import Actor

CLOSED: Final = _("This organisation is closed: it does not change.")
ICE_TAKEN: Final = _("An organisation with this ICE is already registered.")
SAME_NAME: Final = _("An organisation of this name is already registered: write its identifier, taken from an export, or its ICE.")
OTHER_REGION: Final = _("Its destination lies in another region: bring the destination too.")
# The rules that need other rows, over `s` (the file) and `t` (the organisation it was found to be).
NEW: Final = "t.id IS NULL AND s.given_id IS NULL"
WITHOUT_ICE: Final = "coalesce(s.ice, '') = ''"
ICE_IS_ANOTHERS: Final = (
    "s.ice <> '' AND EXISTS (SELECT 1 FROM partnership_organisation o WHERE o.ice = s.ice AND o.id IS DISTINCT FROM t.id)"
)
NAME_IS_TAKEN: Final = "EXISTS (SELECT 1 FROM partnership_organisation o WHERE o.sort_key = public.norm(s.name_fr))"
NAME_CAME_BEFORE: Final = (
    "EXISTS (SELECT 1 FROM import_stage x WHERE public.norm(x.name_fr) = public.norm(s.name_fr) AND x.row_number < s.row_number "
    "AND x.given_id IS NULL"
)
DESTINATION_STAYS: Final = (
    "EXISTS (SELECT 1 FROM partnership_destination d WHERE d.id = t.destination_id AND d.region_id IS DISTINCT FROM s.region_id)"
)


def _field(name: str) -> Any:
    return Organisation._meta.get_field(name)


def _title(name: str) -> Any:
    return _field(name).verbose_name


def _places(model: type[Region | Destination], *codes: str) -> Callable[[str], Any]:
    """Finds a place by its code or its name in any language; one query, the first time."""
    known: dict[str, Any] = {}

    def find(text: str) -> Any:
        if not known:
            for place in model._default_manager.all():
                for name in (*codes, "name_fr", "name_ar", "name_en"):
                    known.setdefault(fold(str(getattr(place, name))), place)
        return known.get(fold(text))

    return find


def _name_of(place: str) -> Any:
    """The name of a place in the reader's language, for the database: what `name` of a region or a destination says."""
    return Coalesce(NullIf(f"{place}__name_{(get_language() or 'fr')[:2]}", Value("")), f"{place}__name_fr")


class OrganisationImport(BulkImport):
    """Rows are found again by identifier, then by ICE. New ones are registered; a closed one does not change."""

    kind = "organisations"
    title = _("Organisations")
    description = _("Register organisations and keep their profiles up to date: names, ICE, activities, region, contact.")
    model = Organisation
    ordering = ("sort_key", "id")
    keys = ("ice",)
    unique = ("ice",)
    derived: ClassVar[Mapping[str, str]] = {"region": "destination"}
    defaults: ClassVar[Mapping[str, Any]] = {"status": OrganisationStatus.REGISTERED}
    created_event = events.ORGANISATION_REGISTERED
    updated_event = events.ORGANISATION_UPDATED

    def columns(self, by: Actor) -> tuple[ImportColumn, ...]:
        """What staff may write of an organisation, its identifier first."""
        region = ReferenceCell(_places(Region, "code"), lambda place: str(place.name))
        destination = ReferenceCell(_places(Destination, "slug"), lambda place: str(place.name))
        texts = ("licence_kind", "licence_number")
        contact = ("email", "phone", "website", "address", "source")
        return (
            ImportColumn("id", _("Identifier"), IdentifierCell(), width=38, help=_("Taken from an export; empty for a new row")),
            ImportColumn("kind", _title("kind"), ChoiceCell(OrganisationKind.choices), required=True),
            ImportColumn(
                "name_fr", _title("name_fr"), CheckedCell(_field("name_fr"), _name), required=True, width=40, other_headings=(_("Name"),)
            ),
            ImportColumn("name_ar", _title("name_ar"), FieldCell(_field("name_ar")), width=40),
            ImportColumn("acronym", _title("acronym"), FieldCell(_field("acronym"))),
            ImportColumn("ice", _title("ice"), CheckedCell(_field("ice"), check_ice)),
            ImportColumn(
                "activities", _title("activities"), ChoicesCell(Activity.choices), help=_("Several: separated by semicolons"), width=30
            ),
            *(ImportColumn(name, _title(name), FieldCell(_field(name))) for name in texts),
            ImportColumn(
                "size", pgettext_lazy("of an organisation", "Size"), ChoiceCell(SizeBand.choices), other_headings=(_title("size"),)
            ),
            ImportColumn("region", _title("region"), region, source=_name_of("region"), width=28),
            ImportColumn("destination", _title("destination"), destination, source=_name_of("destination"), width=28),
            *(ImportColumn(name, _title(name), FieldCell(_field(name)), width=30) for name in contact),
        )

    def may_import(self, user: Actor) -> bool:
        """Who may register organisations: staff who run operations. They may also change every one that is not closed."""
        return can_register_organisation(user)

    def rows(self, user: Actor, filters: Mapping[str, Any] | None = None) -> QuerySet[Organisation]:
        """Those `user` sees, as the list shows them."""
        rows: QuerySet[Organisation] = Organisation.objects.visible_to(user).select_related("region", "destination")
        return (OrganisationFilter(filters).apply(rows) if filters else rows).order_by("sort_key", "id")

    def check_row(self, values: dict[str, Any], *, by: Actor) -> Iterator[tuple[str, Refusal]]:
        """A destination brings its region, and lies in no other."""
        destination = values.get("destination")
        if destination is None:
            return
        try:
            values["region"] = check_places(destination, values.get("region"))
        except Refusal as refusal:
            yield "destination", refusal

    def database_checks(self, by: Actor) -> Sequence[DatabaseCheck]:
        """What a single row cannot tell: a closed organisation, an ICE or a name that another has, a destination left elsewhere."""
        return (
            DatabaseCheck("id", "t.status = 'closed'", "closed", CLOSED),
            DatabaseCheck("ice", ICE_IS_ANOTHERS, "unique", ICE_TAKEN, needs=("ice",)),
            DatabaseCheck("name_fr", f"{NEW} AND {WITHOUT_ICE} AND {NAME_IS_TAKEN}", "same_name", SAME_NAME, needs=("ice", "name_fr")),
            DatabaseCheck("name_fr", f"{NEW} AND {NAME_IS_TAKEN}", "same_name", SAME_NAME, needs=("name_fr",), without=("ice",)),
            DatabaseCheck(
                "name_fr", f"{NEW} AND {WITHOUT_ICE} AND {NAME_CAME_BEFORE} AND coalesce(x.ice, '') = '')", "twice", TWICE,
                needs=("ice", "name_fr"),
            ),
            DatabaseCheck("name_fr", f"{NEW} AND {NAME_CAME_BEFORE})", "twice", TWICE, needs=("name_fr",), without=("ice",)),
            DatabaseCheck("region", DESTINATION_STAYS, "other_region", OTHER_REGION, needs=("region",), without=("destination",)),
        )  # fmt: skip


def _name(text: str) -> str:
    return check_text(text, field="name_fr", maximum=200)


class OrganisationExport(ListExport):
    """The directory, as its import takes it back."""

    kind = "organisations"
    title = _("Organisations")
    description = _("The directory of the organisations you may see, as a table that can be corrected and imported again.")
    importer = OrganisationImport()
