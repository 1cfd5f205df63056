"""The same form sent twice, by a nervous finger or a slow line: one effect, and an answer that says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client as DjangoClient
from django.urls import reverse

from core import clock
from core.history import events_of
from core.models import Job, Notification, OutboxMail
from partnership.models import Action, Commitment, Document, Invitation
from partnership.reports import ProgressReport
from tests.factories.accounts import sign_in
from tests.factories.files import pdf
from tests.factories.partnership import CommitmentFactory, DocumentFactory, DocumentVersionFactory
from tests.factories.threads import at_once
from tests.partnership.admin_pages import typed

if TYPE_CHECKING:
    from django.test import Client

    from tests.factories.world import World

pytestmark = pytest.mark.django_db


def new_action(world: World, page: Any) -> dict[str, Any]:
    """What a browser sends of the page that opens an action, once filled."""
    return typed(page.content.decode()) | {
        "title": "Tenir un atelier", "axis": str(world.axis.pk), "organisation": str(world.cnt.pk),
        "starts_on": "2026-11-23", "due_on": "2026-12-23",
    }  # fmt: skip


def test_a_delivery_when_declared_twice_then_is_declared_once(world: World, client: Client) -> None:
    sign_in(client, world.secretariat)
    path = reverse("partnership:commitment_act", args=[world.owed_by_cnt.pk, "declare"])
    version = client.get(path).context["version"]
    given = {
        "declaration": "Deux ateliers tenus, 64 participants.", "evidence_title": "Compte rendu", "evidence_url": "https://example.org/x",
        "evidence_fact_on": clock.today().isoformat(), "version": version,
    }  # fmt: skip
    first, second = client.post(path, given), client.post(path, given)
    assert (first.status_code, second.status_code) == (302, 412)
    assert second.context["form"].errors
    assert (world.owed_by_cnt.evidence.count(), Notification.objects.filter(recipient=world.manager).count()) == (1, 1)


@pytest.mark.parametrize("slug", ["confirm", "contest"])
def test_a_declared_delivery_when_answered_twice_then_is_answered_once(world: World, client: Client, slug: str) -> None:
    declared = CommitmentFactory(axis=world.axis, obligor=world.party_onmt, beneficiary=world.party_cnt, status="declared")
    sign_in(client, world.secretariat)
    path = reverse("partnership:commitment_act", args=[declared.pk, slug])
    given = {"note": "Bien reçu.", "reason": "Le livrable n'est pas complet."}
    first, second = client.post(path, given), client.post(path, given)
    assert (first.status_code, second.status_code) == (302, 409)
    assert second.context["form"].non_field_errors()
    assert events_of(Commitment).filter(pgh_obj_id=declared.pk, status=f"{slug}ed").count() == 1


def test_an_invitation_when_sent_twice_then_leaves_once(world: World, client: Client) -> None:
    sign_in(client, world.operator)
    path = reverse("partnership:organisation_invite", args=[world.atlas.pk])
    given = {"email": "nouvelle@example.ma", "full_name": "Nouvelle Essai", "role": "member", "language": "fr"}
    first, second = client.post(path, given), client.post(path, given | {"email": "NOUVELLE@example.ma"})
    assert (first.status_code, second.status_code) == (302, 409)
    assert second.context["form"].errors
    assert (Invitation.objects.count(), OutboxMail.objects.filter(to_email="nouvelle@example.ma").count()) == (1, 1)


def test_a_report_when_asked_twice_then_is_made_once(world: World, client: Client) -> None:
    sign_in(client, world.secretariat)
    path = reverse("portal:report_new", args=[ProgressReport.kind])
    given = {"convention": str(world.convention.pk), "format": "pdf", "language": "fr"}
    first, second = client.post(path, given), client.post(path, given)
    assert first["Location"] == second["Location"]
    assert Job.objects.count() == 1


def test_a_version_when_sent_twice_then_is_kept_once(world: World, client: Client) -> None:
    document = DocumentVersionFactory(document=DocumentFactory(convention=world.convention, organisation=world.cnt)).document
    sign_in(client, world.secretariat)
    path = reverse("partnership:version_add", args=[document.pk])
    first, second = client.post(path, {"file": pdf(), "note": ""}), client.post(path, {"file": pdf(), "note": ""})
    assert (first.status_code, second.status_code) == (302, 422)
    assert document.versions.count() == 2


def test_a_document_when_restored_twice_then_says_that_it_is_back(world: World, client: Client) -> None:
    document = DocumentFactory(convention=world.convention, organisation=world.cnt, removed_at=clock.now())
    sign_in(client, world.secretariat)
    path = reverse("partnership:document_restore", args=[document.pk])
    first, second = client.post(path, follow=True), client.post(path, follow=True)
    assert [message.level_tag for answer in (first, second) for message in answer.context["messages"]] == ["success", "warning"]
    assert Document.objects.get().removed_at is None


def test_an_action_when_its_page_is_sent_twice_then_is_opened_once_and_a_corrected_page_opens_another(world: World, client: Client) -> None:
    sign_in(client, world.secretariat)
    path = f"{reverse('partnership:action_new')}?convention={world.convention.pk}"
    given = new_action(world, client.get(path))
    assert client.post(path, given | {"due_on": ""}).status_code == 422
    first, second = client.post(path, given), client.post(path, given)
    assert first["Location"] == second["Location"]
    assert Action.objects.filter(title="Tenir un atelier").count() == 1
    corrected = client.post(path, given | {"title": "Tenir un second atelier"})
    assert corrected["Location"] != first["Location"]
    assert client.post(path, given | {"once": "x"}).status_code == 422
    assert Action.objects.filter(title__startswith="Tenir un").count() == 2


def test_a_page_when_sent_by_somebody_else_then_is_theirs(world: World, client: Client) -> None:
    path = f"{reverse('partnership:action_new')}?convention={world.convention.pk}"
    sign_in(client, world.secretariat)
    given = new_action(world, client.get(path))
    first = client.post(path, given)
    sign_in(client, world.manager)
    assert client.post(path, given)["Location"] != first["Location"]


def test_a_document_when_its_page_is_sent_twice_then_is_stored_once(world: World, client: Client) -> None:
    sign_in(client, world.secretariat)
    path = reverse("partnership:document_add", args=[world.convention.pk])
    given = typed(client.get(path).content.decode()) | {"title": "Lettre", "organisation": str(world.cnt.pk)}
    answers = [client.post(path, given | {"file": pdf()}) for _time in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert Document.objects.filter(title="Lettre").count() == 1
    assert client.post(path, given | {"file": pdf(text="autre")}).status_code == 302
    assert Document.objects.filter(title="Lettre").count() == 2


def test_a_page_of_the_administration_when_sent_twice_then_adds_once(world: World, client: Client) -> None:
    sign_in(client, world.manager)
    path = reverse("admin:partnership_action_add")
    given = new_action(world, client.get(path)) | {"convention": str(world.convention.pk)}
    answers = [client.post(path, given) for _time in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert Action.objects.filter(title="Tenir un atelier").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_page_when_its_button_is_pressed_by_two_fingers_at_once_then_adds_once(world: World) -> None:
    path = f"{reverse('partnership:action_new')}?convention={world.convention.pk}"
    clients = [DjangoClient(), DjangoClient()]
    for each in clients:
        sign_in(each, world.secretariat)
    given = new_action(world, clients[0].get(path))
    answers = at_once(*(lambda each=each: each.post(path, given) for each in clients))
    assert answers[0]["Location"] == answers[1]["Location"]
    assert Action.objects.filter(title="Tenir un atelier").count() == 1
