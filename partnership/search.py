"""What can be found of the partnership, noun by noun, and the places that no rule of letters brings together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.db.models import Prefetch
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from core.search import Kind
from partnership.models import Action, Axis, Commitment, Convention, Destination, Document, Mandate, Organisation, Person, Region
from partnership.querysets import sees_everything

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from core.actors import Actor

# Names of one place that do not sound alike, in their normal form (no accents, ة as ه, ئ as ي). Arabic names: HCP, RGPH 2024.
PLACES: Final = (
    ("tanger", "tangier", "طنجه"),
    ("fes", "fez", "فاس"),
    ("casablanca", "dar el beida", "الدار البيضاء", "دار البيضاء"),
    ("laayoune", "el aaiun", "العيون"),
    ("larache", "العرايش"),
    ("safi", "اسفي"),
    ("essaouira", "mogador", "الصويره", "صويره"),
    ("oriental", "الشرق"),
    ("maroc", "morocco", "المغرب"),
)


def _page(name: str) -> Any:
    return lambda row, _user: reverse(f"partnership:{name}", args=[row.pk])


def _of_region(pk: Any) -> str:
    return f"{reverse('partnership:organisation_list')}?region={pk}"


def _people(user: Actor) -> QuerySet[Person]:
    mandates = Mandate.objects.visible_to(user).select_related("organisation").order_by("-starts_on", "id")
    rows: QuerySet[Person] = Person.objects.visible_to(user).prefetch_related(
        Prefetch("mandates", queryset=mandates, to_attr="shown_mandates")
    )
    return rows


def _person_detail(person: Any) -> str:
    return " · ".join(f"{mandate.title or mandate.get_role_display()}, {mandate.organisation}" for mandate in person.shown_mandates[:2])


def _person_address(person: Any, user: Actor) -> str:
    """The people of an organisation that both belong to; staff open the record of somebody without a mandate."""
    if person.shown_mandates:
        return f"{reverse('partnership:organisation_detail', args=[person.shown_mandates[0].organisation_id])}?part=people"
    return reverse("admin:partnership_person_change", args=[person.pk]) if sees_everything(user) else ""


def _joined(*parts: Any) -> str:
    return " · ".join(str(part) for part in parts if part)


ORGANISATIONS: Final = Kind(
    slug="organisations",
    label=_("Organisations"),
    icon="buildings",
    visible=lambda user: Organisation.objects.visible_to(user).select_related("region"),
    ordering=("sort_key", "id"),
    title=lambda row: row.name,
    texts=lambda row: (row.name_fr, row.name_ar, row.acronym, row.ice),
    detail=lambda row: _joined(row.acronym, row.get_kind_display(), row.region),
    address=_page("organisation_detail"),
    resource="organisations",
    scope="organisations",
)
PEOPLE: Final = Kind(
    slug="people",
    label=_("People"),
    icon="users",
    visible=_people,
    ordering=("sort_key", "id"),
    title=lambda row: row.full_name,
    texts=lambda row: (row.full_name, row.email),
    detail=_person_detail,
    address=_person_address,
)
CONVENTIONS: Final = Kind(
    slug="conventions",
    label=_("Conventions"),
    icon="file-certificate",
    visible=Convention.objects.visible_to,
    ordering=("reference", "id"),
    title=lambda row: row.title,
    texts=lambda row: (row.title_fr, row.title_ar, row.title_en, row.reference, row.place),
    detail=lambda row: _joined(row.reference, row.state.label),
    address=_page("convention_detail"),
    resource="conventions",
    scope="conventions",
)
AXES: Final = Kind(
    slug="axes",
    label=_("Axes"),
    icon="stack-2",
    visible=lambda user: Axis.objects.visible_to(user).select_related("convention"),
    ordering=("convention__reference", "order", "id"),
    title=lambda row: row.title,
    texts=lambda row: (row.title_fr, row.title_ar, row.title_en, row.code),
    detail=lambda row: _joined(row.convention.reference, row.convention.title),
    address=lambda row, _user: reverse("partnership:convention_detail", args=[row.convention_id]),
    resource="axes",
    scope="conventions",
)
COMMITMENTS: Final = Kind(
    slug="commitments",
    label=_("Commitments"),
    icon="scale",
    visible=lambda user: Commitment.objects.visible_to(user).select_related("convention"),
    ordering=("convention__reference", "reference", "id"),
    title=lambda row: row.title,
    texts=lambda row: (row.title_fr, row.title_ar, row.title_en, row.reference),
    detail=lambda row: _joined(row.reference, row.state.label, row.convention.reference),
    address=_page("commitment_detail"),
    resource="commitments",
    scope="commitments",
)
ACTIONS: Final = Kind(
    slug="actions",
    label=_("Actions"),
    icon="list-check",
    visible=lambda user: Action.objects.visible_to(user).select_related("organisation"),
    ordering=("-due_on", "-id"),
    title=lambda row: row.title,
    texts=lambda row: (row.title,),
    detail=lambda row: _joined(row.organisation, row.state.label, date_format(row.due_on, "DATE_FORMAT")),
    address=_page("action_detail"),
    resource="actions",
    scope="actions",
)
DOCUMENTS: Final = Kind(
    slug="documents",
    label=_("Documents"),
    icon="file-text",
    visible=lambda user: Document.objects.visible_to(user).present().select_related("organisation"),
    ordering=("-created_at", "-id"),
    title=lambda row: row.title,
    texts=lambda row: (row.title,),
    detail=lambda row: _joined(row.get_kind_display(), row.organisation),
    address=_page("document_detail"),
    resource="documents",
    scope="documents",
)
REGIONS: Final = Kind(
    slug="regions",
    label=_("Regions"),
    icon="map-pin",
    visible=lambda _user: Region.objects.all(),
    ordering=("code", "id"),
    title=lambda row: row.name,
    texts=lambda row: (row.name_fr, row.name_ar, row.name_en, row.capital_fr, row.capital_ar, row.code),
    detail=lambda row: _joined(row.code, _("see its organisations")),
    address=lambda row, _user: _of_region(row.pk),
    resource="regions",
    scope="",
)
DESTINATIONS: Final = Kind(
    slug="destinations",
    label=_("Destinations"),
    icon="map-pin",
    visible=lambda _user: Destination.objects.select_related("region"),
    ordering=("slug", "id"),
    title=lambda row: row.name,
    texts=lambda row: (row.name_fr, row.name_ar, row.name_en),
    detail=lambda row: _joined(row.region, _("see the organisations of the region")),
    address=lambda row, _user: _of_region(row.region_id),
    scope="",
)
