"""What the partnership holds about people: its processings, where they lie, how long, and who is who."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.privacy import CONTROLLER, NO_TRANSFER
from core.history import events_of
from core.privacy.register import ADDRESS, BLANK, KEPT, LABEL, Holding, Processing, RetentionClass, Subject
from partnership.models import Person

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from uuid import UUID

PROCESSINGS: Final[Sequence[Processing]] = (
    Processing(
        slug="people",
        title=_("People of the sector and their mandates"),
        controller=CONTROLLER,
        purpose=_("Know who may act for which organisation, and since when."),
        basis=_("Performance of the partnership convention."),
        people=_("People who act for ONMT, the CNT, its federations, the regional councils and the operators."),
        data=_("Name, professional e-mail address and telephone, languages, offices held with their dates."),
        recipients=_("The staff of ONMT and the people of the same organisation, or of the federation that vouches for it."),
        transfer=NO_TRANSFER,
        security=_("Each organisation sees its own people only; every change is audited."),
        retention=("person",),
    ),
    Processing(
        slug="invitations",
        title=_("Invitations"),
        controller=CONTROLLER,
        purpose=_("Bring to the portal the people whom an organisation chooses."),
        basis=_("Performance of the partnership convention; whoever is invited is free not to answer."),
        people=_("People invited by the administrator of an organisation or by ONMT."),
        data=_("Name, e-mail address, role offered, language."),
        recipients=_("The administrators of the organisation that invites, and the accounts managers of ONMT."),
        transfer=NO_TRANSFER,
        security=_("The link is good once, for seven days, and only its digest is kept."),
        retention=("invitation",),
    ),
    Processing(
        slug="organisations",
        title=_("Directory of organisations"),
        controller=CONTROLLER,
        purpose=_("Keep the list of the organisations of the partnership, with how to reach them."),
        basis=_("Performance of the partnership convention."),
        people=_("Guides, self-employed operators and other people who are an organisation by themselves."),
        data=_("Name or trade name, ICE, licence, professional address, e-mail address and telephone."),
        recipients=_("The staff of ONMT, and the federations of which the organisation is a member."),
        transfer=NO_TRANSFER,
        security=_("An operator sees its own record only; every change is audited."),
        retention=("organisation",),
    ),
    Processing(
        slug="ledger",
        title=_("Commitments, actions and documents"),
        controller=CONTROLLER,
        purpose=_("Follow what the parties have promised, with who declared, confirmed, verified or signed it."),
        basis=_("Performance of the partnership convention; duty of a public establishment to account for it."),
        people=_("People who sign, lead an axis, carry an action, declare, confirm, verify or bring a document."),
        data=_("The person's name beside the act and its date; what the documents brought may say of people."),
        recipients=_("The parties to the convention; nothing of it is published with a name."),
        transfer=NO_TRANSFER,
        security=_("Each party sees its own conventions only; documents are served to those who may see them, every change is audited."),
        retention=("ledger",),
    ),
)

RETENTION: Final[Sequence[RetentionClass]] = (
    RetentionClass(
        "person", _("People"), _("While a mandate runs, then five years; after that the person is made anonymous."), ("people",)
    ),
    RetentionClass(
        "invitation", _("Invitations"), _("Accepted: as the mandate. Unanswered: ninety days after their end."), ("invitations",)
    ),
    RetentionClass("organisation", _("Organisations"), _("As long as the organisation; the contacts of somebody erased leave with them.")),
    RetentionClass(
        "ledger",
        _("Commitments and signatures"),
        _("As long as the convention and its proof require; when a person's data are erased, a label takes the place of the name."),
    ),
)

_ACT: Final = _("The act is the partnership's: it keeps its date and its author, under the label that takes the place of the name.")


def _author(model: str, field: str, *shown: str, processing: str = "ledger", retention: str = "ledger") -> Holding:
    """A column that says which account did something."""
    return Holding(model, processing, retention, account=(field,), fields={field: KEPT}, shown=("id", *shown), why=_ACT)


HOLDINGS: Final[Sequence[Holding]] = (
    Holding(
        "partnership.Person", "people", "person", person=("pk",),
        fields={"user": KEPT, "full_name": LABEL, "email": BLANK, "phone": BLANK, "languages": BLANK}, shown=("created_at",),
        why=_("The row stays without a name, because mandates and actions point to it."),
    ),
    Holding(
        "partnership.Mandate", "people", "person", person=("person",), fields={"person": KEPT, "title": KEPT},
        shown=("organisation", "role", "starts_on", "ends_on"),
        why=_("Who could act for an organisation on a day is part of what an act proves."),
    ),
    Holding(
        "partnership.Invitation", "invitations", "invitation", email=("email",), fields={"email": ADDRESS, "full_name": LABEL},
        shown=("organisation", "role", "language", "created_at", "expires_at", "accepted_at"), why=_("That an invitation was sent stays."),
    ),
    _author("partnership.Invitation", "invited_by", "organisation", "created_at", processing="invitations", retention="invitation"),
    Holding(
        "partnership.Organisation", "organisations", "organisation", email=("email",), phone=("phone",), name=("name_fr",),
        fields={"email": BLANK, "phone": BLANK, "address": KEPT, "name_fr": LABEL, "name_ar": KEPT}, shown=("kind", "ice"),
        why=_("The organisation stays; what is the person's own in its record leaves unless others of the organisation share it."),
    ),
    Holding(
        "partnership.Party", "ledger", "ledger", name=("signatory",), fields={"signatory": LABEL, "quality": KEPT},
        shown=("convention", "organisation", "signed_on"), why=_ACT,
    ),
    *(
        Holding("partnership.Axis", "ledger", "ledger", person=(field,), fields={field: KEPT}, shown=("convention", "code"), why=_ACT)
        for field in ("public_lead", "private_lead")
    ),
    Holding(
        "partnership.Action", "ledger", "ledger", person=("responsible",), fields={"responsible": KEPT},
        shown=("id", "title", "due_on"), why=_ACT,
    ),
    _author("partnership.Action", "done_by", "title", "done_at"),
    _author("partnership.Action", "verified_by", "title", "verified_at"),
    _author("partnership.Commitment", "declared_by", "reference", "declared_at"),
    _author("partnership.Commitment", "settled_by", "reference", "settled_at"),
    _author("partnership.Evidence", "added_by", "title", "created_at"),
    _author("partnership.DocumentVersion", "uploaded_by", "filename", "created_at"),
    _author("partnership.ApiClient", "created_by", "label", "created_at", processing="organisations", retention="organisation"),
)  # fmt: skip


# -- who is who --------------------------------------------------------------------------------------------------------
def subject_of(*, account: UUID | None = None, person: UUID | None = None) -> Subject:
    """An account and its person, with every name, address and telephone that either ever had. Raises DoesNotExist."""
    user = User.objects.get(pk=account) if account is not None else None
    known = Person.objects.get(pk=person) if person is not None else Person.objects.filter(user=user).first() if user else None
    if user is None and known is not None:
        user = known.user
    rows: list[Any] = [row for row in (user, known) if row is not None]
    past: list[Any] = [event for row in rows for event in events_of(type(row)).filter(pgh_obj_id=row.pk)]
    return Subject(
        account=user.pk if user else None,
        person=known.pk if known else None,
        names=_texts(row.full_name for row in [*rows, *past]),
        emails=_texts(row.email for row in [*rows, *past]),
        phones=_telephones(getattr(row, "phone", "") for row in [*rows, *past]),
    )


def _texts(values: Iterable[str]) -> frozenset[str]:
    return frozenset(" ".join(value.split()) for value in values if value)


def _telephones(values: Iterable[object]) -> frozenset[str]:
    """As they are kept (+212…), and as people write them in Morocco (0…)."""
    found = {str(value) for value in values if value}
    return frozenset(found | {f"0{value.removeprefix('+212')}" for value in found if value.startswith("+212")})


def subject_at(email: str) -> Subject | None:
    """Whoever has this address, as an account or as a person; nobody when it is unknown."""
    address = email.strip().lower()
    user = User.objects.filter(email=address).first()
    if user is not None:
        return subject_of(account=user.pk)
    person = Person.objects.filter(email__iexact=address).first()
    return subject_of(person=person.pk) if person is not None else None
