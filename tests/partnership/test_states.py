"""The tables of states, walked whole: every verb from every state, forbidden pairs included, and every role on every verb."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction

from accounts.roles import MandateRole, StaffRole
from core import clock
from core.actors import SYSTEM
from core.errors import Conflict, Forbidden
from partnership.choices import (
    ACTION_TRANSITIONS,
    COMMITMENT_TRANSITIONS,
    CONVENTION_TRANSITIONS,
    ActionStatus,
    CommitmentStatus,
    ConventionStatus,
    DocumentKind,
)
from partnership.services import actions, commitments, conventions
from partnership.services.evidence import EvidenceDraft
from tests.factories.partnership import ActionFactory, AxisFactory, CommitmentFactory, ConventionFactory, DocumentFactory

if TYPE_CHECKING:
    from collections.abc import Callable

    from accounts.models import User
    from partnership.models import Action, Commitment, Convention
    from tests.factories.world import World

PROOF = EvidenceDraft(title="Compte rendu", fact_on=clock.today(), url="https://example.ma/compte-rendu")
REASON = "Le compte rendu annoncé n'est pas joint."


@dataclass(frozen=True)
class Verb:
    """A service, the states it starts from, where it leads, and how to call it on a row."""

    name: str
    sources: frozenset[str]
    to: str
    call: Callable[[Any, Any], Any]


def _refused(verb: Verb, row: Any, by: Any) -> type[Exception] | None:
    """What the verb raises, if anything; when nothing, the row has reached the verb's state. Whatever it wrote is undone."""
    try:
        with transaction.atomic():
            verb.call(row, by)
            row.refresh_from_db()
            assert row.status == verb.to
            transaction.set_rollback(True)
    except (Conflict, Forbidden, ObjectDoesNotExist) as error:
        return ObjectDoesNotExist if isinstance(error, ObjectDoesNotExist) else type(error)
    return None


# -- commitments -------------------------------------------------------------------------------------------------------
def _arbitrate(row: Commitment, by: User) -> Commitment:
    minutes = DocumentFactory(convention=row.convention, kind=DocumentKind.MINUTES)
    return commitments.arbitrate_commitment(commitment=row.pk, outcome="delivered", reason=REASON, document=minutes.pk, by=by)


COMMITMENT_VERBS = (
    Verb("start", frozenset({"planned"}), "in_progress", lambda row, by: commitments.start_commitment(commitment=row.pk, by=by)),
    Verb(
        "declare",
        frozenset({"planned", "in_progress"}),
        "declared",
        lambda row, by: commitments.declare_commitment(commitment=row.pk, declaration="Livré.", evidence=[PROOF], by=by),
    ),
    Verb(
        "withdraw",
        frozenset({"declared"}),
        "in_progress",
        lambda row, by: commitments.withdraw_declaration(commitment=row.pk, reason=REASON, by=by),
    ),
    Verb(
        "confirm",
        frozenset({"declared", "contested"}),
        "confirmed",
        lambda row, by: commitments.confirm_commitment(commitment=row.pk, by=by),
    ),
    Verb(
        "contest",
        frozenset({"declared"}),
        "contested",
        lambda row, by: commitments.contest_commitment(commitment=row.pk, reason=REASON, by=by),
    ),
    Verb("arbitrate", frozenset({"contested"}), "arbitrated", _arbitrate),
    Verb(
        "cancel",
        frozenset({"planned", "in_progress"}),
        "cancelled",
        lambda row, by: commitments.cancel_commitment(commitment=row.pk, reason=REASON, by=by),
    ),
)
# Who acts on a commitment that ONMT owes to the CNT.
ONMT_SIDE = {"staff convention_manager"}
CNT_SIDE = {"cnt administrator", "cnt member"}
COMMITMENT_RIGHTS = {
    "start": ONMT_SIDE,
    "declare": ONMT_SIDE,
    "withdraw": ONMT_SIDE,
    "confirm": CNT_SIDE,
    "contest": CNT_SIDE,
    "arbitrate": ONMT_SIDE,
    "cancel": ONMT_SIDE,
}


def _everybody(world: World) -> dict[str, User]:
    staff = {f"staff {role.value}": user for role, user in world.staff.items()}
    return staff | {f"{name} {role.value}": user for (name, role), user in world.users.items()}


def _sees_the_ledger(who: str) -> bool:
    return who.startswith(("staff", "cnt"))


@pytest.mark.parametrize("verb", COMMITMENT_VERBS, ids=lambda verb: verb.name)
@pytest.mark.django_db
def test_a_commitment_when_a_verb_meets_each_state_then_moves_only_along_the_table(world: World, verb: Verb) -> None:
    actor = world.secretariat if verb.name in {"confirm", "contest"} else world.manager
    for status in CommitmentStatus:
        row = CommitmentFactory(axis=world.axis, status=status)
        refusal = _refused(verb, row, actor)
        assert refusal == (None if status in verb.sources else Conflict), status
        row.refresh_from_db()
        assert row.status == status


@pytest.mark.parametrize("verb", COMMITMENT_VERBS, ids=lambda verb: verb.name)
@pytest.mark.django_db
def test_a_commitment_when_each_role_tries_a_verb_then_only_the_entitled_party_may(world: World, verb: Verb) -> None:
    for who, user in _everybody(world).items():
        row = CommitmentFactory(axis=world.axis, status=min(verb.sources))
        expected = None if who in COMMITMENT_RIGHTS[verb.name] else Forbidden if _sees_the_ledger(who) else ObjectDoesNotExist
        assert _refused(verb, row, user) == expected, who


def test_the_table_of_commitments_when_compared_with_the_verbs_then_each_transition_has_its_verb() -> None:
    edges = {(source, verb.to) for verb in COMMITMENT_VERBS for source in verb.sources}
    assert edges == {(str(source), str(to)) for source, targets in COMMITMENT_TRANSITIONS.items() for to in targets}


# -- conventions -------------------------------------------------------------------------------------------------------
CONVENTION_VERBS = (
    Verb("submit", frozenset({"draft"}), "in_review", lambda row, by: conventions.submit_convention(convention=row.pk, by=by)),
    Verb(
        "return", frozenset({"in_review"}), "draft", lambda row, by: conventions.return_convention(convention=row.pk, reason=REASON, by=by)
    ),
    Verb(
        "sign",
        frozenset({"in_review"}),
        "signed",
        lambda row, by: conventions.sign_convention(convention=row.pk, signed_on=clock.today(), by=by),
    ),
    Verb(
        "bring_into_force",
        frozenset({"signed"}),
        "in_force",
        lambda row, by: conventions.bring_into_force(convention=row.pk, effective_on=clock.today() - timedelta(days=9), by=by),
    ),
    Verb(
        "suspend",
        frozenset({"in_force"}),
        "suspended",
        lambda row, by: conventions.suspend_convention(convention=row.pk, reason=REASON, by=by),
    ),
    Verb("resume", frozenset({"suspended"}), "in_force", lambda row, by: conventions.resume_convention(convention=row.pk, by=by)),
    Verb("expire", frozenset({"in_force"}), "expired", lambda row, by: conventions.expire_convention(convention=row.pk, by=by)),
    Verb(
        "renew",
        frozenset({"expired"}),
        "in_force",
        lambda row, by: conventions.renew_convention(convention=row.pk, ends_on=None, reason=REASON, by=by),
    ),
    Verb(
        "denounce",
        frozenset({"in_force", "suspended"}),
        "denounced",
        lambda row, by: conventions.denounce_convention(convention=row.pk, reason=REASON, by=by),
    ),
    Verb(
        "close",
        frozenset({"in_force", "suspended", "expired", "denounced"}),
        "closed",
        lambda row, by: conventions.close_convention(convention=row.pk, by=by),
    ),
)


def _convention(world: World, status: str) -> Convention:
    """A convention of both parties with an axis, whose last day was yesterday."""
    yesterday = clock.today() - timedelta(days=1)
    facts: dict[str, Any] = {"ends_on": yesterday, "effective_on": clock.today() - timedelta(days=30)}
    if status in {"suspended", "denounced"}:
        facts["status_reason"] = REASON
    if status == "closed":
        facts["closed_on"] = yesterday
    convention: Convention = ConventionFactory(organisations=[world.onmt, world.cnt], status=status, **facts)
    AxisFactory(convention=convention)
    return convention


@pytest.mark.parametrize("verb", CONVENTION_VERBS, ids=lambda verb: verb.name)
@pytest.mark.django_db
def test_a_convention_when_a_verb_meets_each_state_then_moves_only_along_the_table(world: World, verb: Verb) -> None:
    for status in ConventionStatus:
        row = _convention(world, status)
        refusal = _refused(verb, row, world.manager)
        assert refusal == (None if status in verb.sources else Conflict), status
        row.refresh_from_db()
        assert row.status == status


@pytest.mark.parametrize("verb", CONVENTION_VERBS, ids=lambda verb: verb.name)
@pytest.mark.django_db
def test_a_convention_when_each_role_tries_a_verb_then_only_convention_managers_may(world: World, verb: Verb) -> None:
    status = min(verb.sources)
    for who, user in _everybody(world).items():
        row = _convention(world, status)
        sees = who.startswith("staff") or (who.startswith("cnt") and status != "draft")
        expected = None if who == "staff convention_manager" else Forbidden if sees else ObjectDoesNotExist
        assert _refused(verb, row, user) == expected, who


def test_the_table_of_conventions_when_compared_with_the_verbs_then_each_transition_has_its_verb() -> None:
    edges = {(source, verb.to) for verb in CONVENTION_VERBS for source in verb.sources}
    assert edges == {(str(source), str(to)) for source, targets in CONVENTION_TRANSITIONS.items() for to in targets}


# -- actions -----------------------------------------------------------------------------------------------------------
ACTION_VERBS = (
    Verb("start", frozenset({"todo", "blocked", "returned"}), "in_progress", lambda row, by: actions.start_action(action=row.pk, by=by)),
    Verb("put_back", frozenset({"in_progress"}), "todo", lambda row, by: actions.put_back_action(action=row.pk, by=by)),
    Verb("block", frozenset({"todo", "in_progress"}), "blocked", lambda row, by: actions.block_action(action=row.pk, reason=REASON, by=by)),
    Verb(
        "complete",
        frozenset({"todo", "in_progress", "returned"}),
        "done",
        lambda row, by: actions.complete_action(action=row.pk, outcome="Atelier tenu.", by=by),
    ),
    Verb("verify", frozenset({"done"}), "verified", lambda row, by: actions.verify_action(action=row.pk, by=by)),
    Verb("return", frozenset({"done"}), "returned", lambda row, by: actions.return_action(action=row.pk, reason=REASON, by=by)),
    Verb("reopen", frozenset({"done"}), "in_progress", lambda row, by: actions.reopen_action(action=row.pk, by=by)),
    Verb(
        "cancel",
        frozenset({"todo", "in_progress", "blocked", "returned"}),
        "cancelled",
        lambda row, by: actions.cancel_action(action=row.pk, reason=REASON, by=by),
    ),
)
OFFICERS = {"staff convention_manager", "staff taskforce_officer", "staff domestic_officer", "staff training_officer"}
OWNER = {"atlas administrator", "atlas member"}
ACTION_RIGHTS = {
    "start": OWNER,
    "put_back": OWNER,
    "block": OWNER,
    "complete": OWNER,
    "reopen": OWNER,
    "verify": OFFICERS | CNT_SIDE,
    "return": OFFICERS | CNT_SIDE,
    "cancel": OFFICERS | CNT_SIDE,
}


def _action(world: World, status: str) -> Action:
    """An action of the hotel Atlas under the convention."""
    action: Action = ActionFactory(axis=world.axis, organisation=world.atlas, status=status)
    return action


@pytest.mark.parametrize("verb", ACTION_VERBS, ids=lambda verb: verb.name)
@pytest.mark.django_db
def test_an_action_when_a_verb_meets_each_state_then_moves_only_along_the_table(world: World, verb: Verb) -> None:
    actor = world.operator if verb.name in {"start", "put_back", "block", "complete", "reopen"} else world.secretariat
    for status in ActionStatus:
        row = _action(world, status)
        refusal = _refused(verb, row, actor)
        assert refusal == (None if status in verb.sources else Conflict), status
        row.refresh_from_db()
        assert row.status == status


@pytest.mark.parametrize("verb", ACTION_VERBS, ids=lambda verb: verb.name)
@pytest.mark.django_db
def test_an_action_when_each_role_tries_a_verb_then_only_its_owner_or_its_verifiers_may(world: World, verb: Verb) -> None:
    for who, user in _everybody(world).items():
        row = _action(world, min(verb.sources))
        sees = _sees_the_ledger(who) or who.startswith("atlas")
        expected = None if who in ACTION_RIGHTS[verb.name] else Forbidden if sees else ObjectDoesNotExist
        assert _refused(verb, row, user) == expected, who


def test_the_table_of_actions_when_compared_with_the_verbs_then_each_transition_has_its_verb() -> None:
    edges = {(source, verb.to) for verb in ACTION_VERBS for source in verb.sources}
    assert edges == {(str(source), str(to)) for source, targets in ACTION_TRANSITIONS.items() for to in targets}


@pytest.mark.django_db
def test_the_system_when_it_answers_for_a_beneficiary_then_is_refused(world: World) -> None:
    row = CommitmentFactory(axis=world.axis, status="declared")
    for name in ("confirm", "contest"):
        verb = next(verb for verb in COMMITMENT_VERBS if verb.name == name)
        assert _refused(verb, row, SYSTEM) is Forbidden


def test_the_roles_when_counted_then_all_are_in_the_matrix() -> None:
    assert {f"staff {role.value}" for role in StaffRole} >= OFFICERS
    assert {role.value for role in MandateRole} == {"administrator", "member", "reader"}
