"""The words of the convention, their labels and colours, and the tables of allowed transitions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.utils.functional import _StrOrPromise


class Coloured(TextChoices):
    """States shown as badges: the word always stands there, the colour only helps."""

    @property
    def colour(self) -> str:
        """The badge's colour, from COLOURS below."""
        return COLOURS.get(self.value, "grey")


class OrganisationKind(TextChoices):
    PUBLIC_BODY = "public_body", _("Public body")
    CONFEDERATION = "confederation", _("Confederation")
    FEDERATION = "federation", _("Federation")
    REGIONAL_COUNCIL = "regional_council", _("Regional tourism council")
    OPERATOR = "operator", _("Operator")
    CARRIER = "carrier", _("Carrier")
    DISTRIBUTOR = "distributor", _("Distributor")
    PRESCRIBER_OFFICE = "prescriber_office", _("Prescriber's office")
    OTHER = "other", _("Other")


class Activity(TextChoices):
    HOTEL = "hotel", _("Hotel")
    RIAD = "riad", _("Riad or guest house")
    AGENCY_A = "agency_a", _("Travel agency, licence A")
    AGENCY_B = "agency_b", _("Travel agency, licence B")
    TRANSPORT = "transport", _("Tourist transport")
    GUIDE = "guide", _("Guide")
    CAR_RENTAL = "car_rental", _("Car rental")
    RESTAURANT = "restaurant", _("Restaurant")
    GOLF = "golf", _("Golf course")
    VENUE = "venue", _("Event venue")
    PORT_AGENT = "port_agent", _("Port agent")
    WATER_SPORTS = "water_sports", _("Water-sports school")
    TREK = "trek", _("Trek operator")


class SizeBand(TextChoices):
    MICRO = "micro", _("Fewer than 10 people")
    SMALL = "small", _("10 to 49 people")
    MEDIUM = "medium", _("50 to 249 people")
    LARGE = "large", _("250 people and more")


class OrganisationStatus(Coloured):
    PROSPECTIVE = "prospective", _("Prospective")
    REGISTERED = "registered", _("Registered")
    VOUCHED = "vouched", _("Vouched for")
    SUSPENDED = "suspended", _("Suspended")
    CLOSED = "closed", _("Closed")


ORGANISATION_TRANSITIONS: Final[Mapping[str, frozenset[str]]] = {
    OrganisationStatus.PROSPECTIVE: frozenset({OrganisationStatus.REGISTERED, OrganisationStatus.CLOSED}),
    OrganisationStatus.REGISTERED: frozenset({OrganisationStatus.VOUCHED, OrganisationStatus.SUSPENDED, OrganisationStatus.CLOSED}),
    OrganisationStatus.VOUCHED: frozenset({OrganisationStatus.REGISTERED, OrganisationStatus.SUSPENDED, OrganisationStatus.CLOSED}),
    OrganisationStatus.SUSPENDED: frozenset({OrganisationStatus.REGISTERED, OrganisationStatus.CLOSED}),
    OrganisationStatus.CLOSED: frozenset(),
}


class AffiliationStatus(Coloured):
    ACTIVE = "active", _("Active")
    SUSPENDED = "suspended", pgettext_lazy("a membership", "Suspended")
    WITHDRAWN = "withdrawn", pgettext_lazy("a membership", "Withdrawn")


AFFILIATION_TRANSITIONS: Final[Mapping[str, frozenset[str]]] = {
    AffiliationStatus.ACTIVE: frozenset({AffiliationStatus.SUSPENDED, AffiliationStatus.WITHDRAWN}),
    AffiliationStatus.SUSPENDED: frozenset({AffiliationStatus.ACTIVE, AffiliationStatus.WITHDRAWN}),
    AffiliationStatus.WITHDRAWN: frozenset(),
}


class ConventionKind(TextChoices):
    FRAMEWORK = "framework", _("Framework convention")
    SPECIFIC = "specific", _("Specific convention")


class Renewal(TextChoices):
    NONE = "none", _("Not renewable")
    TACIT = "tacit", _("Tacit renewal")
    EXPRESS = "express", _("Express renewal")


class Visibility(TextChoices):
    PUBLIC = "public", _("Public")
    PARTIES = "parties", _("Parties")
    COMMITTEE = "committee", _("Committee")
    INTERNAL = "internal", _("Internal to ONMT")


class ConventionStatus(Coloured):
    DRAFT = "draft", _("Draft")
    IN_REVIEW = "in_review", _("In review")
    SIGNED = "signed", _("Signed")
    IN_FORCE = "in_force", _("In force")
    SUSPENDED = "suspended", pgettext_lazy("a convention", "Suspended")
    EXPIRED = "expired", pgettext_lazy("a convention", "Expired")
    DENOUNCED = "denounced", _("Denounced")
    CLOSED = "closed", pgettext_lazy("a convention", "Closed")


CONVENTION_TRANSITIONS: Final[Mapping[str, frozenset[str]]] = {
    ConventionStatus.DRAFT: frozenset({ConventionStatus.IN_REVIEW}),
    ConventionStatus.IN_REVIEW: frozenset({ConventionStatus.DRAFT, ConventionStatus.SIGNED}),
    ConventionStatus.SIGNED: frozenset({ConventionStatus.IN_FORCE}),
    ConventionStatus.IN_FORCE: frozenset(
        {ConventionStatus.SUSPENDED, ConventionStatus.EXPIRED, ConventionStatus.DENOUNCED, ConventionStatus.CLOSED}
    ),
    ConventionStatus.SUSPENDED: frozenset({ConventionStatus.IN_FORCE, ConventionStatus.DENOUNCED, ConventionStatus.CLOSED}),
    ConventionStatus.EXPIRED: frozenset({ConventionStatus.IN_FORCE, ConventionStatus.CLOSED}),
    ConventionStatus.DENOUNCED: frozenset({ConventionStatus.CLOSED}),
    ConventionStatus.CLOSED: frozenset(),
}
# What the public may read of a public convention: nothing before it is signed.
PUBLISHED_STATUSES: Final = frozenset(
    {
        ConventionStatus.SIGNED,
        ConventionStatus.IN_FORCE,
        ConventionStatus.SUSPENDED,
        ConventionStatus.EXPIRED,
        ConventionStatus.DENOUNCED,
        ConventionStatus.CLOSED,
    }
)


class CommitmentNature(TextChoices):
    FINANCIAL = "financial", _("Financial")
    NON_FINANCIAL = "non_financial", _("Non-financial")


class Recurrence(TextChoices):
    NONE = "none", _("Once")
    MONTHLY = "monthly", _("Every month")
    QUARTERLY = "quarterly", _("Every quarter")
    HALF_YEARLY = "half_yearly", _("Every six months")
    YEARLY = "yearly", _("Every year")


class CommitmentStatus(Coloured):
    PLANNED = "planned", _("Planned")
    IN_PROGRESS = "in_progress", _("In progress")
    DECLARED = "declared", _("Declared delivered")
    CONFIRMED = "confirmed", _("Confirmed")
    CONTESTED = "contested", _("Contested")
    ARBITRATED = "arbitrated", _("Arbitrated")
    CANCELLED = "cancelled", _("Cancelled")


COMMITMENT_TRANSITIONS: Final[Mapping[str, frozenset[str]]] = {
    CommitmentStatus.PLANNED: frozenset({CommitmentStatus.IN_PROGRESS, CommitmentStatus.DECLARED, CommitmentStatus.CANCELLED}),
    CommitmentStatus.IN_PROGRESS: frozenset({CommitmentStatus.DECLARED, CommitmentStatus.CANCELLED}),
    # Back to in progress: the obligor withdraws a declaration that nobody has answered yet.
    CommitmentStatus.DECLARED: frozenset({CommitmentStatus.CONFIRMED, CommitmentStatus.CONTESTED, CommitmentStatus.IN_PROGRESS}),
    # Only the party that contests may lift its contest by confirming; otherwise a decision closes it.
    CommitmentStatus.CONTESTED: frozenset({CommitmentStatus.CONFIRMED, CommitmentStatus.ARBITRATED}),
    CommitmentStatus.CONFIRMED: frozenset(),
    CommitmentStatus.ARBITRATED: frozenset(),
    CommitmentStatus.CANCELLED: frozenset(),
}
# While its terms may still change, and while deliveries may be declared under it.
OPEN_CONVENTION_STATUSES: Final = frozenset(
    {ConventionStatus.DRAFT, ConventionStatus.IN_REVIEW, ConventionStatus.SIGNED, ConventionStatus.IN_FORCE}
)
DELIVERY_STATUSES: Final = frozenset(
    {ConventionStatus.SIGNED, ConventionStatus.IN_FORCE, ConventionStatus.EXPIRED, ConventionStatus.DENOUNCED}
)
# Nothing is declared: the terms may still change, and a date that passes makes it late.
UNDECLARED_STATUSES: Final = frozenset({CommitmentStatus.PLANNED, CommitmentStatus.IN_PROGRESS})
OPEN_COMMITMENT_STATUSES: Final = frozenset(
    {CommitmentStatus.PLANNED, CommitmentStatus.IN_PROGRESS, CommitmentStatus.DECLARED, CommitmentStatus.CONTESTED}
)


class ArbitrationOutcome(TextChoices):
    DELIVERED = "delivered", _("Held to be delivered")
    NOT_DELIVERED = "not_delivered", _("Held not to be delivered")


class TrustLabel(Coloured):
    DECLARED = "declared", _("Declared")
    DOCUMENTED = "documented", _("Documented")
    VERIFIED = "verified", _("Verified")
    ESTIMATED = "estimated", _("Estimated")


TRUST_MEANINGS: Final[Mapping[TrustLabel, _StrOrPromise]] = {
    TrustLabel.DECLARED: _("The party that owes it says so; nothing else supports it yet."),
    TrustLabel.DOCUMENTED: _("A document kept in the portal supports it, or the minutes of a committee decide it."),
    TrustLabel.VERIFIED: _("The other party has confirmed it, or a second person has verified it."),
    TrustLabel.ESTIMATED: _("An estimate, given as such by its source."),
}


class Priority(Coloured):
    LOW = "low", _("Low")
    NORMAL = "normal", _("Normal")
    HIGH = "high", _("High")


class ActionStatus(Coloured):
    TODO = "todo", _("To do")
    IN_PROGRESS = "in_progress", _("In progress")
    BLOCKED = "blocked", _("Blocked")
    DONE = "done", pgettext_lazy("an action", "Done")
    VERIFIED = "verified", pgettext_lazy("an action", "Verified")
    RETURNED = "returned", _("Returned")
    CANCELLED = "cancelled", pgettext_lazy("an action", "Cancelled")


ACTION_TRANSITIONS: Final[Mapping[str, frozenset[str]]] = {
    ActionStatus.TODO: frozenset({ActionStatus.IN_PROGRESS, ActionStatus.BLOCKED, ActionStatus.DONE, ActionStatus.CANCELLED}),
    ActionStatus.IN_PROGRESS: frozenset({ActionStatus.TODO, ActionStatus.BLOCKED, ActionStatus.DONE, ActionStatus.CANCELLED}),
    ActionStatus.BLOCKED: frozenset({ActionStatus.IN_PROGRESS, ActionStatus.CANCELLED}),
    ActionStatus.DONE: frozenset({ActionStatus.VERIFIED, ActionStatus.RETURNED, ActionStatus.IN_PROGRESS}),
    ActionStatus.RETURNED: frozenset({ActionStatus.IN_PROGRESS, ActionStatus.DONE, ActionStatus.CANCELLED}),
    ActionStatus.VERIFIED: frozenset(),
    ActionStatus.CANCELLED: frozenset(),
}
OPEN_ACTION_STATUSES: Final = frozenset({ActionStatus.TODO, ActionStatus.IN_PROGRESS, ActionStatus.BLOCKED, ActionStatus.RETURNED})
FINISHED_ACTION_STATUSES: Final = frozenset({ActionStatus.DONE, ActionStatus.VERIFIED})


class DocumentKind(TextChoices):
    CONVENTION = "convention", _("Convention text")
    ANNEX = "annex", _("Annex")
    MINUTES = "minutes", _("Minutes")
    REPORT = "report", _("Report")
    EVIDENCE = "evidence", pgettext_lazy("a kind of document", "Evidence")
    LICENCE = "licence", _("Licence")
    OTHER = "other", _("Other")


class ScanState(Coloured):
    PENDING = "pending", _("Waiting for the virus scan")
    CLEAN = "clean", _("Clean")
    INFECTED = "infected", _("Infected")
    NOT_SCANNED = "not_scanned", _("Not scanned: no scanner is configured")


READABLE_SCANS: Final = frozenset({ScanState.CLEAN, ScanState.NOT_SCANNED})


# What an organisation's program may be allowed to do, as OAuth2 names it.
SCOPES: Final[Mapping[str, _StrOrPromise]] = {
    "conventions:read": _("Read the conventions of the organisation, with their axes"),
    "organisations:read": _("Read the organisations it works with"),
    "commitments:read": _("Read the commitments and their evidence"),
    "commitments:write": _("Declare, confirm, contest, withdraw; add evidence"),
    "actions:read": _("Read the actions and their evidence"),
    "actions:write": _("Move the organisation's actions; add evidence"),
    "documents:read": _("Read and download the documents"),
    "documents:write": _("Add documents and versions"),
}

# One colour for one meaning, whatever the noun. The palette is the portal's (static/css/portal.css).
COLOURS: Final[Mapping[str, str]] = {
    "registered": "blue",
    "vouched": "green",
    "active": "green",
    "in_review": "blue",
    "signed": "teal",
    "in_force": "green",
    "suspended": "orange",
    "denounced": "red",
    "in_progress": "blue",
    "declared": "purple",
    "confirmed": "green",
    "contested": "red",
    "arbitrated": "teal",
    "blocked": "orange",
    "done": "purple",
    "verified": "green",
    "returned": "red",
    "documented": "blue",
    "estimated": "amber",
    "high": "red",
    "pending": "amber",
    "clean": "green",
    "infected": "red",
}
