"""The convention of April 2022 with its strands, commitments and action plan.

The convention, its strands and its parties are real; what was never made public (duration, budget, renewal) stays empty.
"""

from __future__ import annotations

from datetime import date, time
from typing import TYPE_CHECKING, Any, Final

from core import clock
from core.audit import act
from partnership.choices import CommitmentNature, ConventionKind, DocumentKind, Visibility
from partnership.demo.papers import pdf, picture
from partnership.demo.script import Day, Promise, Step, Task, day, promises, tasks
from partnership.models import Action, Axis, Commitment, Convention, Document, Evidence, Party
from partnership.services import actions, commitments, conventions
from partnership.services.documents import add_document, add_version, remove_document
from partnership.services.evidence import EvidenceDraft

if TYPE_CHECKING:
    from django.db.models import Model

    from accounts.models import User
    from partnership.demo.people import Cast

REFERENCE: Final = "ONMT-CNT-2022"
SIGNED_ON: Final = date(2022, 4, 15)
SOURCE: Final = "https://www.yabiladi.com/articles/details/126490/l-onmt-s-associent-pour-relancer-tourisme.html"
NOTE: Final = (
    "Vérifié : objet et volets (communiqué repris par la presse, vendredi, Casablanca), signature en avril 2022. "
    "[I] Déduit : le vendredi 15 avril 2022, d'après le numéro de l'article ; faute d'autre source, la même date vaut pour l'effet. "
    "[I] Déduit : les signataires, Adel El Fakir (directeur général de l'ONMT, cité) et Hamid Bentahar (alors président de la CNT). "
    "[U] Non publics, donc laissés vides : durée, renouvellement, préavis, budget, comités, annexes, indicateurs."
)
TITLES: Final[dict[str, Any]] = {
    "title_fr": "Convention de partenariat entre l'ONMT et la CNT",
    "title_ar": "اتفاقية شراكة بين المكتب الوطني المغربي للسياحة والكونفدرالية الوطنية للسياحة",
    "title_en": "Partnership convention between ONMT and the CNT",
    "object_fr": "Relance du tourisme : attractivité, tourisme interne et innovation ; efforts des parties unis en une force de frappe.",
    "object_ar": "إقلاع السياحة: الجاذبية والسياحة الداخلية والابتكار، وتوحيد جهود الطرفين في قوة ضاربة واحدة.",
    "object_en": "Recovery of tourism: attractiveness, domestic tourism, innovation; both parties' efforts joined in one striking force.",
}
# Code, then title and object in French, Arabic and English.
AXES: Final = (
    (
        "union",
        ("Union des efforts et mobilisation du secteur", "توحيد الجهود وتعبئة القطاع", "Joined efforts and mobilisation of the sector"),
        (
            "Unifier les efforts des parties en une force de frappe ; mobilisation générale et harmonisée des forces vives du secteur.",
            "توحيد جهود الطرفين في قوة ضاربة، وتعبئة عامة ومنسجمة للقوى الحية للقطاع.",
            "Unify both parties' efforts into one striking force; general, coordinated mobilisation of the sector.",
        ),
    ),
    (
        "competitivite-internationale",
        ("Task force « compétitivité internationale »", "فريق عمل «التنافسية الدولية»", "“International competitiveness” task force"),
        (
            "Aller à la rencontre des marchés, rassurer les opérateurs internationaux et retrouver leur confiance.",
            "ملاقاة الأسواق وطمأنة الفاعلين الدوليين واستعادة ثقتهم.",
            "Go and meet the markets, reassure international operators and win back their confidence.",
        ),
    ),
    (
        "produit",
        ("Task force « produit »", "فريق عمل «المنتوج»", "“Product” task force"),
        (
            "Leviers qui hissent le Maroc aux meilleurs rangs : golf, MICE, croisières, sports nautiques, nature, randonnée.",
            "رافعات الارتقاء بالمغرب إلى أفضل المراتب: الغولف وسياحة الأعمال والرحلات البحرية والرياضات المائية والطبيعة والمشي.",
            "Levers that lift Morocco to the best ranks: golf, MICE, cruises, water sports, nature, hiking.",
        ),
    ),
    (
        "tourisme-interne",
        ("Tourisme interne", "السياحة الداخلية", "Domestic tourism"),
        (
            "Renforcer le tourisme interne par des solutions innovantes et pratiques aux problèmes de distribution.",
            "تقوية السياحة الداخلية بحلول مبتكرة وعملية لإشكاليات التوزيع.",
            "Strengthen domestic tourism with innovative, practical solutions to the problems of distribution.",
        ),
    ),
    (
        "digitalisation",
        ("Digitalisation", "الرقمنة", "Digitalisation"),
        (
            "Former au marketing digital les opérateurs nouvellement digitalisés ; sensibiliser au Big Data et à la présence en ligne.",
            "تكوين الفاعلين المرقمنين حديثا في التسويق الرقمي، والتحسيس بالبيانات الضخمة والحضور على الإنترنت.",
            "Train newly digitalised operators in digital marketing; raise awareness of Big Data and of being online.",
        ),
    ),
)


def load_convention(cast: Cast) -> Convention:
    """The convention with all that belongs to it. Once it is there its content is people's: nothing is added a second time."""
    found = Convention.objects.filter(reference=REFERENCE).first()
    if found is not None:
        return found
    by = cast.manager
    convention = conventions.create_convention(
        reference=REFERENCE,
        kind=ConventionKind.FRAMEWORK,
        place="Casablanca",
        visibility=Visibility.PUBLIC,
        source=SOURCE,
        note=NOTE,
        by=by,
        **TITLES,
    )
    _parties(convention, cast)
    for code, titles, objects in AXES:
        texts: dict[str, Any] = {f"title_{lang}": text for lang, text in zip(("fr", "ar", "en"), titles, strict=True)}
        texts |= {f"object_{lang}": text for lang, text in zip(("fr", "ar", "en"), objects, strict=True)}
        conventions.add_axis(convention=convention.pk, code=code, by=by, private_lead=cast.person("secretariat@cnt.example").pk, **texts)
    conventions.submit_convention(convention=convention.pk, by=by)
    conventions.sign_convention(convention=convention.pk, signed_on=SIGNED_ON, by=by)
    conventions.bring_into_force(convention=convention.pk, effective_on=SIGNED_ON, by=by)
    minutes = _documents(convention, cast)
    for promise in promises():
        _promise(promise, convention, minutes, cast)
    for task in tasks():
        _task(task, convention, cast)
    return convention


def _parties(convention: Convention, cast: Cast) -> None:
    for order, (key, signatory, quality) in enumerate(
        (("onmt", "Adel El Fakir", "Directeur général de l'ONMT"), ("cnt", "Hamid Bentahar", "Président de la CNT")), start=1
    ):
        conventions.add_party(
            convention=convention.pk,
            organisation=cast.organisations[key].pk,
            order=order,
            signatory=signatory,
            quality=quality,
            by=cast.manager,
        )


# -- the ledger --------------------------------------------------------------------------------------------------------
def _promise(promise: Promise, convention: Convention, minutes: Document, cast: Cast) -> None:
    parties = {key: Party.objects.get(convention=convention, organisation=cast.organisations[key]) for key in ("onmt", "cnt")}
    other = "cnt" if promise.obligor == "onmt" else "onmt"
    commitment = commitments.create_commitment(
        convention=convention.pk,
        axis=Axis.objects.get(convention=convention, code=promise.axis).pk,
        obligor=parties[promise.obligor].pk,
        beneficiary=parties[other].pk,
        reference=promise.reference,
        title_fr=promise.fr,
        title_ar=promise.ar,
        title_en=promise.en,
        description=promise.description,
        source=promise.source,
        nature=CommitmentNature.FINANCIAL if promise.amount else CommitmentNature.NON_FINANCIAL,
        amount=promise.amount,
        due_on=day(promise.due),
        recurrence=promise.recurrence,
        reason="Donnée de démonstration",
        by=cast.manager,
    )
    people = {"onmt": cast.manager, "cnt": cast.secretariat}
    for step in promise.steps:
        _move(commitment, step, obligor=people[promise.obligor], beneficiary=people[other], manager=cast.manager, minutes=minutes)


def _move(commitment: Commitment, step: Step, *, obligor: User, beneficiary: User, manager: User, minutes: Document) -> None:
    """One act by whoever may do it, then its instant put back to the day on which it is supposed to have happened."""
    pk, at = commitment.pk, instant(step.on)
    if step.verb == "start":
        commitments.start_commitment(commitment=pk, by=obligor)
    elif step.verb == "declare":
        commitments.declare_commitment(commitment=pk, declaration=step.text, evidence=proofs(step), by=obligor)
        put_back(commitment, declared_at=at)
        Evidence.objects.filter(commitment=commitment).update(received_on=day(step.on))
    elif step.verb == "confirm":
        commitments.confirm_commitment(commitment=pk, note=step.text, by=beneficiary)
        put_back(commitment, settled_at=at)
    elif step.verb == "contest":
        commitments.contest_commitment(commitment=pk, reason=step.text, by=beneficiary)
        put_back(commitment, contested_at=at)
    elif step.verb == "arbitrate":
        commitments.arbitrate_commitment(commitment=pk, outcome=step.proof, reason=step.text, document=minutes.pk, by=manager)
        put_back(commitment, settled_at=at)
    elif step.verb == "cancel":
        commitments.cancel_commitment(commitment=pk, reason=step.text, by=manager)


# -- the action plan ---------------------------------------------------------------------------------------------------
def _task(task: Task, convention: Convention, cast: Cast) -> None:
    organisation = cast.organisations[task.owner]
    commitment = Commitment.objects.filter(convention=convention, reference=task.commitment).first() if task.commitment else None
    action = actions.open_action(
        convention=convention.pk,
        axis=Axis.objects.get(convention=convention, code=task.axis).pk,
        commitment=commitment.pk if commitment else None,
        organisation=organisation.pk,
        responsible=cast.person(task.responsible).pk if task.responsible else None,
        title=task.title,
        description=task.description,
        priority=task.priority,
        starts_on=day(task.starts),
        due_on=day(task.due),
        source=task.source,
        by=cast.manager,
    )
    owner = cast.users[task.responsible] if task.responsible else _people_of(task.owner, cast)
    verifier = cast.secretariat if owner == cast.manager else cast.manager
    for step in task.steps:
        _carry(action, step, owner=owner, verifier=verifier)


def _people_of(key: str, cast: Cast) -> User:
    return {"onmt": cast.manager, "cnt": cast.secretariat}[key]


def _carry(action: Action, step: Step, *, owner: User, verifier: User) -> None:
    pk, at = action.pk, instant(step.on)
    if step.verb == "start":
        actions.start_action(action=pk, by=owner)
    elif step.verb == "progress":
        actions.report_progress(action=pk, progress=int(step.text), by=owner)
    elif step.verb == "block":
        actions.block_action(action=pk, reason=step.text, by=owner)
    elif step.verb == "complete":
        actions.complete_action(action=pk, outcome=step.text, evidence=proofs(step), by=owner)
        put_back(action, done_at=at)
        Evidence.objects.filter(action=action).update(received_on=day(step.on))
    elif step.verb == "verify":
        actions.verify_action(action=pk, by=verifier)
        put_back(action, verified_at=at)
    elif step.verb == "return":
        actions.return_action(action=pk, reason=step.text, by=verifier)
    elif step.verb == "cancel":
        actions.cancel_action(action=pk, reason=step.text, by=verifier)


# -- documents and proofs ----------------------------------------------------------------------------------------------
def _documents(convention: Convention, cast: Cast) -> Document:
    """A document of each visibility, with versions, one removed; gives the minutes that decide the contests."""
    onmt, by = cast.organisations["onmt"].pk, cast.manager

    def paper(title: str, kind: str, visibility: str, *paragraphs: str) -> Document:
        upload = pdf(kind, title, paragraphs)
        return add_document(
            organisation=onmt, convention=convention.pk, title=title, kind=kind, visibility=visibility, upload=upload, by=by
        )

    paper(
        "Fiche publique de la convention",
        DocumentKind.OTHER,
        Visibility.PUBLIC,
        "La convention ONMT–CNT d'avril 2022 et ses cinq volets.",
        f"Source : {SOURCE}",
    )
    text = paper(
        "Texte de la convention (exemplaire de démonstration)",
        DocumentKind.CONVENTION,
        Visibility.PARTIES,
        "Le texte signé n'est pas public.",
    )
    again = pdf(
        "convention-v2", "Texte de la convention (exemplaire de démonstration)", ["Le texte signé n'est pas public.", "Pages numérotées."]
    )
    add_version(document=text.pk, upload=again, note="Pages numérotées", by=by)
    paper("Note interne de suivi", DocumentKind.REPORT, Visibility.INTERNAL, "Points à préparer avant la prochaine réunion.")
    mistaken = paper("Annexe déposée par erreur", DocumentKind.ANNEX, Visibility.PARTIES, "Ce document est retiré ; il peut être rétabli.")
    remove_document(document=mistaken.pk, reason="Déposée par erreur (démonstration).", by=by)
    return paper(
        "Compte rendu du comité de suivi",
        DocumentKind.MINUTES,
        Visibility.COMMITTEE,
        "Décisions sur les livraisons contestées E-10 et E-15.",
    )


def proofs(step: Step) -> list[EvidenceDraft]:
    """The evidence of a step: an address, a small PDF or a picture."""
    if not step.proof:
        return []
    fact_on = min(day(step.on), clock.today())
    upload = None
    if step.file == "pdf":
        upload = pdf("piece", step.proof, [step.text])
    elif step.file == "png":
        upload = picture("piece", (35, 60, 48, 80, 72))
    expires_on = None if step.expires is None else day(step.expires)
    return [EvidenceDraft(title=step.proof, fact_on=fact_on, url=step.url, upload=upload, expires_on=expires_on)]


def instant(value: Day) -> Any:
    """Ten in the morning, in Casablanca, on that day."""
    return clock.at(day(value), time(10))


def put_back(row: Model, **instants: Any) -> None:
    """Date an act on the day of the demonstration's story; the audit trail keeps the true instant of the loading, and says so."""
    from core.actors import SYSTEM

    with act(by=SYSTEM, reason="Donnée de démonstration : instant remis au jour du récit"):
        type(row)._default_manager.filter(pk=row.pk).update(**instants)
