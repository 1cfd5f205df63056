"""One invented convention in each of the other states, so that every state can be seen; and a real one of 2006, closed."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

from partnership.choices import ConventionKind, Renewal
from partnership.demo.convention import REFERENCE
from partnership.demo.script import day
from partnership.models import Convention
from partnership.services import conventions

if TYPE_CHECKING:
    from partnership.demo.people import Cast

NOTE: Final = "Convention inventée pour la démonstration."
AGADIR_NOTE: Final = (
    "Vérifié : convention ONMT–CRT d'Agadir du 24 février 2006 (5 MDH), selon la presse. État, fin et clôture : valeurs de démonstration."
)
SIGNED, FORCE, SUSPEND, EXPIRE, DENOUNCE = "signed", "in_force", "suspended", "expired", "denounced"
# Reference, French title, the party beside ONMT, signed on, ends on (days from today), the state it is led to.
OTHERS: Final = (
    ("DEMO-FORMATION", "Convention spécifique : formation digitale des riads (démonstration)", "cnt", None, None, "draft"),
    ("DEMO-CROISIERES", "Convention spécifique : accueil des croisières (démonstration)", "cnt", None, None, "in_review"),
    ("DEMO-GOLF", "Convention spécifique : destinations golf (démonstration)", "cnt", -40, 320, SIGNED),
    ("DEMO-HOTELLERIE", "Convention spécifique : données hôtelières (démonstration)", "fnih", -300, 40, FORCE),
    ("DEMO-RANDONNEE", "Convention spécifique : sentiers balisés (démonstration)", "cnt", -500, 200, SUSPEND),
    ("DEMO-VACANCES", "Convention spécifique : vacances scolaires (démonstration)", "cnt", -700, -30, EXPIRE),
    ("DEMO-AGENCES", "Convention spécifique : forfaits des agences (démonstration)", "fnavm", -650, 90, DENOUNCE),
)  # fmt: skip


def load_other_conventions(cast: Cast) -> None:
    """The conventions that are missing, each led to its state by the convention manager."""
    parent = Convention.objects.get(reference=REFERENCE)
    for reference, title, partner, signed, ends, state in OTHERS:
        if Convention.objects.filter(reference=reference).exists():
            continue
        convention = conventions.create_convention(
            reference=reference,
            title_fr=title,
            kind=ConventionKind.SPECIFIC,
            parent=parent.pk,
            note=NOTE,
            ends_on=None if ends is None else day(ends),
            renewal=Renewal.EXPRESS if ends else "",
            notice_days=30 if ends else None,
            by=cast.manager,
        )
        _furnish(convention, ("onmt", partner), cast)
        _lead(convention, state, signed_on=None if signed is None else day(signed), cast=cast)
    _agadir(cast)


def _furnish(convention: Convention, parties: tuple[str, ...], cast: Cast) -> None:
    for key in parties:
        conventions.add_party(convention=convention.pk, organisation=cast.organisations[key].pk, by=cast.manager)
    conventions.add_axis(convention=convention.pk, code="objet", title_fr="Objet", title_ar="الموضوع", title_en="Object", by=cast.manager)


def _lead(convention: Convention, state: str, *, signed_on: date | None, cast: Cast) -> None:
    pk, by = convention.pk, cast.manager
    if state == "draft":
        return
    conventions.submit_convention(convention=pk, by=by)
    if signed_on is None:
        return
    conventions.sign_convention(convention=pk, signed_on=signed_on, by=by)
    if state == SIGNED:
        return
    conventions.bring_into_force(convention=pk, effective_on=signed_on, by=by)
    if state == SUSPEND:
        conventions.suspend_convention(convention=pk, reason="Saison de neige prolongée (démonstration).", by=by)
    elif state == EXPIRE:
        conventions.expire_convention(convention=pk, by=by)
    elif state == DENOUNCE:
        conventions.denounce_convention(convention=pk, reason="Dénoncée par la fédération, préavis respecté (démonstration).", by=by)


def _agadir(cast: Cast) -> None:
    if Convention.objects.filter(reference="ONMT-CRT-AGADIR-2006").exists():
        return
    convention = conventions.create_convention(
        reference="ONMT-CRT-AGADIR-2006",
        title_fr="Convention entre l'ONMT et le CRT d'Agadir",
        kind=ConventionKind.SPECIFIC,
        source="https://maghress.com/fr/aujourdhui/44120",
        note=AGADIR_NOTE,
        by=cast.manager,
    )
    _furnish(convention, ("onmt", "crt-ma-09"), cast)
    _lead(convention, FORCE, signed_on=date(2006, 2, 24), cast=cast)
    conventions.close_convention(convention=convention.pk, reason="Convention ancienne, close (démonstration).", by=cast.manager)
