"""The messages of the ledger: complete in each language, told to the right people, at their own address in the portal."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from core.errors import Forbidden
from core.mail.render import texts
from core.models import Event, Notification
from partnership.models import Commitment
from partnership.notifications import ledger as messages
from partnership.services import actions, commitments
from partnership.services.evidence import EvidenceDraft
from tests.factories.partnership import ActionFactory, CommitmentFactory, EvidenceFactory

if TYPE_CHECKING:
    from uuid import UUID

    from core.mail import Message
    from tests.factories.world import World

pytestmark = pytest.mark.django_db


class Principal:
    """What a partner's API token presents itself as."""

    pk = "client-1"
    is_authenticated = True
    is_active = True

    def __init__(self, organisation_id: UUID, *scopes: str) -> None:
        self.organisation_id = organisation_id
        self.scopes = scopes

    def __str__(self) -> str:
        return "API · CNT"


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
@pytest.mark.parametrize("kind", messages.MESSAGES, ids=lambda kind: kind.kind)
def test_a_message_when_written_in_each_language_then_has_a_subject_and_a_text_with_the_title(
    world: World, kind: type[Message], language: str
) -> None:
    more = {"reason": "Pièce absente.", "declaration": "Livré.", "note": "Vu.", "outcome": "Tenu.", "description": "", "is_delivered": True}
    if issubclass(kind, messages.CommitmentMessage):
        world.owed_by_onmt.title_ar = "التكوين"
        message: Message = kind(world.owed_by_onmt, by=world.manager, **more)
        title = {"ar": "التكوين"}.get(language, world.owed_by_onmt.title_fr)
    else:
        assert issubclass(kind, messages.ActionMessage)
        action = ActionFactory(axis=world.axis, title="Recevoir les voyagistes")
        message, title = kind(action, by=world.manager, **more), action.title
    found = texts(message.template, message.data, language)
    assert found.subject
    assert "{" not in found.subject + found.text
    assert title in found.text


def test_an_urgent_message_when_told_then_opens_the_page_of_its_object(world: World) -> None:
    EvidenceFactory(commitment=world.owed_by_onmt)
    commitments.declare_commitment(commitment=world.owed_by_onmt.pk, declaration="Livré.", by=world.manager)
    assert set(Notification.objects.values_list("url", flat=True)) == {f"/commitments/{world.owed_by_onmt.pk}/"}


def test_whoever_acts_when_it_is_of_the_party_told_then_is_not_told(world: World) -> None:
    commitments.cancel_commitment(commitment=world.owed_by_onmt.pk, reason="Sans objet.", by=world.manager)
    assert not Notification.objects.filter(recipient=world.manager).exists()


def test_an_api_client_when_it_answers_for_its_organisation_then_is_named_in_the_trail_only(world: World) -> None:
    row = CommitmentFactory(axis=world.axis, status="declared")
    client = Principal(world.cnt.pk, "commitments:write")

    confirmed = commitments.confirm_commitment(commitment=row.pk, by=client)

    assert (confirmed.status, confirmed.settled_by) == ("confirmed", None)
    assert row.events.latest("pgh_id").pgh_context.metadata["actor_label"] == "API · CNT"
    assert Event.objects.filter(name="commitment.confirmed", organisations__contains=[world.onmt.pk, world.cnt.pk]).exists()


def test_an_api_client_when_it_may_only_read_or_is_of_another_organisation_then_changes_nothing(world: World) -> None:
    row = CommitmentFactory(axis=world.axis, status="declared")
    with pytest.raises(Forbidden):
        commitments.confirm_commitment(commitment=row.pk, by=Principal(world.cnt.pk, "commitments:read"))
    with pytest.raises(Commitment.DoesNotExist):
        commitments.confirm_commitment(commitment=row.pk, by=Principal(world.atlas.pk, "commitments:write"))
    with pytest.raises(Commitment.DoesNotExist):
        commitments.confirm_commitment(commitment=uuid4(), by=Principal(world.cnt.pk, "commitments:write"))


def test_an_api_client_when_it_did_an_action_then_does_not_verify_it(world: World) -> None:
    client = Principal(world.cnt.pk, "actions:write")
    action = ActionFactory(axis=world.axis, organisation=world.cnt)
    done = actions.complete_action(
        action=action.pk,
        outcome="Atelier tenu.",
        evidence=[EvidenceDraft(title="Lien", fact_on=action.starts_on, url="https://example.ma/a")],
        by=client,
    )
    assert done.done_by is None
    with pytest.raises(Forbidden):
        actions.verify_action(action=action.pk, by=client)
    assert actions.verify_action(action=action.pk, by=world.manager).status == "verified"
