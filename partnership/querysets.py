"""Chainable reads. Every list starts from `visible_to(user)`: what it leaves out does not exist for that user (404)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeVar

from django.apps import apps
from django.db import models
from django.db.models import Case, IntegerField, Q, Value, When

from core import clock
from core.actors import is_system
from partnership.choices import (
    OPEN_ACTION_STATUSES,
    OPEN_COMMITMENT_STATUSES,
    PUBLISHED_STATUSES,
    UNDECLARED_STATUSES,
    ActionStatus,
    ConventionKind,
    ConventionStatus,
    Visibility,
)

if TYPE_CHECKING:
    from uuid import UUID

    from core.actors import Actor

COMING: Final = (ConventionStatus.DRAFT, ConventionStatus.IN_REVIEW, ConventionStatus.SIGNED, ConventionStatus.SUSPENDED)

M = TypeVar("M", bound=models.Model, covariant=True)


def sees_everything(actor: Actor) -> bool:
    """The system itself, and ONMT staff who hold a role (auditors included)."""
    return is_system(actor) or bool(getattr(actor, "staff_roles", ()))


def organisations_of(actor: Actor) -> frozenset[UUID]:
    """The organisations whose data `actor` may see: the one chosen in the portal, else all with a mandate today.

    An API client has exactly its own. Read once per request: the answer is kept on the actor.
    """
    fixed: UUID | None = getattr(actor, "organisation_id", None) or getattr(actor, "acting_organisation_id", None)
    return frozenset({fixed}) if fixed is not None else every_organisation_of(actor)


def every_organisation_of(actor: Actor) -> frozenset[UUID]:
    """All the organisations in which an account holds a mandate today. Read once per request."""
    if not actor.is_authenticated or not actor.is_active or actor.pk is None:
        return frozenset()
    kept: frozenset[UUID] | None = getattr(actor, "_organisation_ids", None)
    if kept is None:
        mandates: Any = apps.get_model("partnership", "Mandate").objects
        kept = frozenset(mandates.current().filter(person__user_id=actor.pk).values_list("organisation_id", flat=True))
        actor._organisation_ids = kept  # type: ignore[attr-defined]
    return kept


def late_commitment() -> Q:
    """Past its Casablanca date, and not declared."""
    return Q(status__in=UNDECLARED_STATUSES, due_on__lt=clock.today())


def late_action() -> Q:
    """Open, and past its Casablanca date."""
    return Q(status__in=OPEN_ACTION_STATUSES, due_on__lt=clock.today())


class ScopedQuerySet(models.QuerySet[M]):
    """A queryset that knows who may see its rows."""

    # Whether `visible` goes through a relation to many rows; without, PostgreSQL walks a list in the order of its index and stops.
    joins_many: ClassVar[bool] = True

    def visible_to(self, user: Actor) -> Any:
        """The rows `user` may see. ONMT staff see everything; the rest follows `visible`.

        Where the condition joins many rows, ids come first: no row is repeated, and sorting and counting stay quick.
        """
        if sees_everything(user):
            return self.all()
        if not self.joins_many:
            return self.filter(self.visible(organisations_of(user)))
        return self.filter(id__in=self.model._default_manager.filter(self.visible(organisations_of(user))).values("id"))

    def visible(self, organisations: frozenset[UUID]) -> Q:
        """The condition for people of these organisations (none: the public)."""
        raise TypeError(f"{type(self).__name__} does not say what is visible")


def _published(prefix: str = "") -> Q:
    """What anybody may read of a convention: public, and signed at least."""
    return Q(**{f"{prefix}visibility": Visibility.PUBLIC, f"{prefix}status__in": PUBLISHED_STATUSES})


def _holds_today(prefix: str = "") -> Q:
    """A dated link that has begun and not ended; the day it ends on no longer counts."""
    today = clock.today()
    return (Q(**{f"{prefix}ends_on": None}) | Q(**{f"{prefix}ends_on__gt": today})) & Q(**{f"{prefix}starts_on__lte": today})


def _of_a_party(organisations: frozenset[UUID], prefix: str = "") -> Q:
    """Rows of a convention that one of these is party to, once it has left the draft. The conventions are found once, not row by row."""
    parties: Any = apps.get_model("partnership", "Party").objects
    theirs = parties.filter(organisation__in=organisations).exclude(convention__status=ConventionStatus.DRAFT)
    return Q(**{f"{prefix}convention_id__in": theirs.order_by().values("convention_id")})


class OrganisationQuerySet(ScopedQuerySet[M]):
    """One's own, its members, the bodies it belongs to, and the parties of one's conventions."""

    def visible(self, organisations: frozenset[UUID]) -> Q:
        """Own organisations, members, bodies and the other parties; a membership counts while it runs."""
        return (
            Q(id__in=organisations)
            | Q(affiliations__body__in=organisations) & _holds_today("affiliations__")
            | Q(members__organisation__in=organisations)
            # Not those of a draft: nobody but ONMT knows of it yet.
            | Q(
                parties__convention__parties__organisation__in=organisations,
                parties__convention__status__in=[status for status in ConventionStatus if status != ConventionStatus.DRAFT],
            )
        )


class AffiliationQuerySet(ScopedQuerySet[M]):
    """The member and the body it belongs to both see it."""

    joins_many = False

    def visible(self, organisations: frozenset[UUID]) -> Q:
        """From either end of the membership."""
        return Q(organisation__in=organisations) | Q(body__in=organisations)

    def current(self) -> Any:
        """Those that hold today, whatever their status."""
        return self.filter(_holds_today())


class PersonQuerySet(ScopedQuerySet[M]):
    """Colleagues: people with a mandate in one's organisation."""

    def visible(self, organisations: frozenset[UUID]) -> Q:
        """People with a mandate in one of these organisations, past ones included."""
        return Q(mandates__organisation__in=organisations)


class MandateQuerySet(ScopedQuerySet[M]):
    """The mandates of one's organisation."""

    joins_many = False

    def visible(self, organisations: frozenset[UUID]) -> Q:
        """Every mandate of these organisations, ended ones included."""
        return Q(organisation__in=organisations)

    def current(self) -> Any:
        """Those that hold today."""
        return self.filter(_holds_today())


class InvitationQuerySet(ScopedQuerySet[M]):
    """Those of one's organisation."""

    joins_many = False

    def visible(self, organisations: frozenset[UUID]) -> Q:
        """Every invitation of these organisations, whatever became of it."""
        return Q(organisation__in=organisations)


class ConventionQuerySet(ScopedQuerySet[M]):
    """Parties see theirs once it leaves the draft; everybody sees what is public and signed."""

    def visible(self, organisations: frozenset[UUID]) -> Q:
        """What is published, and the conventions of these parties once reviewed."""
        return _published() | (Q(parties__organisation__in=organisations) & ~Q(status=ConventionStatus.DRAFT))

    def of_parties(self, user: Actor) -> Any:
        """Those whose ledger, actions and documents `user` may open: staff, and people of a party."""
        if sees_everything(user):
            return self.all()
        return self.filter(parties__organisation__in=organisations_of(user)).exclude(status=ConventionStatus.DRAFT).distinct()

    def in_order(self) -> Any:
        """Framework conventions in force first, then the others in force, then what is coming, then what is over (`rank`)."""
        rank = Case(
            When(status=ConventionStatus.IN_FORCE, kind=ConventionKind.FRAMEWORK, then=Value(0)),
            When(status=ConventionStatus.IN_FORCE, then=Value(1)),
            When(status__in=COMING, then=Value(2)),
            default=Value(3),
            output_field=IntegerField(),
        )
        return self.annotate(rank=rank).order_by("rank", "reference", "id")

    def published(self) -> Any:
        """What anybody may read: public, and signed at least."""
        return self.filter(_published())


class AxisQuerySet(ScopedQuerySet[M]):
    """As their convention."""

    joins_many = False

    def visible(self, organisations: frozenset[UUID]) -> Q:
        """The axes of the conventions that these organisations may read."""
        return _published("convention__") | _of_a_party(organisations)


class CommitmentQuerySet(ScopedQuerySet[M]):
    """The parties of the convention, nobody else: the public reads totals, not the ledger's lines."""

    joins_many = False

    def visible(self, organisations: frozenset[UUID]) -> Q:
        """The lines of the conventions these organisations are party to."""
        return _of_a_party(organisations)

    def open(self) -> Any:
        """Those on which something is awaited."""
        return self.filter(status__in=OPEN_COMMITMENT_STATUSES)

    def late(self) -> Any:
        """Past their Casablanca date and not declared."""
        return self.filter(late_commitment())


class EvidenceQuerySet(ScopedQuerySet[M]):
    """As the commitment or the action it proves."""

    joins_many = False

    def visible(self, organisations: frozenset[UUID]) -> Q:
        """What proves a line or an action that these organisations see."""
        return (
            _of_a_party(organisations, "commitment__") | _of_a_party(organisations, "action__") | Q(action__organisation__in=organisations)
        )


class ActionQuerySet(ScopedQuerySet[M]):
    """The parties of the convention, and the organisation that owns the action."""

    joins_many = False

    def visible(self, organisations: frozenset[UUID]) -> Q:
        """The actions these organisations own, and those of their conventions."""
        return Q(organisation__in=organisations) | _of_a_party(organisations)

    def open(self) -> Any:
        """Those on which the owner still has something to do."""
        return self.filter(status__in=OPEN_ACTION_STATUSES)

    def late(self) -> Any:
        """Open and past their Casablanca date."""
        return self.filter(late_action())

    def awaiting_verification(self) -> Any:
        """Done, and waiting for a second person."""
        return self.filter(status=ActionStatus.DONE)


class DocumentQuerySet(ScopedQuerySet[M]):
    """By visibility: public, the convention's parties, or ONMT only; an organisation always sees its own."""

    joins_many = False

    def visible(self, organisations: frozenset[UUID]) -> Q:
        """What is not removed, by its visibility."""
        return Q(removed_at=None) & (
            Q(visibility=Visibility.PUBLIC) & (Q(convention=None) | _published("convention__"))
            | Q(organisation__in=organisations)
            | (Q(visibility=Visibility.PARTIES) & _of_a_party(organisations))
        )

    def present(self) -> Any:
        """Those that have not been removed."""
        return self.filter(removed_at=None)
