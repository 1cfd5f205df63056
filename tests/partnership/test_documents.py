"""The rules of documents: versions that never change, visibility, a removal that can be undone, a file that is always there."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.roles import MandateRole
from core.actors import SYSTEM
from core.errors import Conflict, Forbidden, Invalid
from partnership.models import Commitment, Document
from partnership.services.documents import (
    add_document,
    add_version,
    remove_document,
    restore_document,
    scan_pending_versions,
    update_document,
)
from tests.factories.files import pdf, scanner
from tests.factories.partnership import CommitmentFactory, DocumentFactory, EvidenceFactory

if TYPE_CHECKING:
    from tests.factories.world import World

pytestmark = pytest.mark.django_db


def added(world: World, **changes: Any) -> Document:
    """A report of the CNT, shared with the parties."""
    values: dict[str, Any] = {
        "organisation": world.cnt.pk,
        "convention": world.convention.pk,
        "title": "Rapport",
        "kind": "report",
        "upload": pdf("rapport d'étape.pdf"),
        "by": world.secretariat,
    }
    return add_document(**(values | changes))


def test_a_document_when_added_then_its_file_has_an_opaque_name_and_its_digest(world: World, settings: Any) -> None:
    document = added(world)
    version = document.versions.get()
    content = (Path(settings.MEDIA_ROOT) / str(version.file.name)).read_bytes()
    assert (version.number, version.filename, version.media_type) == (1, "rapport d'étape.pdf", "application/pdf")
    assert version.file.name == f"documents/{version.pk.hex[-2:]}/{version.pk}.pdf"
    assert (version.sha256, version.size) == (hashlib.sha256(content).hexdigest(), len(content))
    assert version.uploaded_by == world.secretariat


def test_a_document_when_its_type_is_false_then_is_refused_and_nothing_is_kept(world: World) -> None:
    for upload in (SimpleUploadedFile("x.pdf", b"<html>"), SimpleUploadedFile("x.pdf", b""), SimpleUploadedFile("x.svg", b"<svg/>")):
        with pytest.raises(Invalid) as refusal:
            added(world, upload=upload)
        assert refusal.value.field == "file"
    assert Document.objects.count() == 0


def test_versions_when_added_then_are_numbered_and_the_same_content_is_refused(world: World) -> None:
    document = added(world)
    second = add_version(document=document.pk, upload=pdf(text="corrigé"), note="Tableau corrigé.", by=world.secretariat)
    assert (second.number, second.note) == (2, "Tableau corrigé.")
    with pytest.raises(Invalid) as refusal:
        add_version(document=document.pk, upload=pdf(text="corrigé"), by=world.secretariat)
    assert refusal.value.code == "same_content"
    assert list(document.versions.values_list("number", flat=True)) == [2, 1]


@pytest.mark.parametrize(
    ("visibility", "operator", "secretariat", "competitor"),
    [("public", True, True, True), ("parties", False, True, False), ("committee", False, False, False), ("internal", False, False, False)],
)
def test_a_document_when_of_each_visibility_then_only_the_entitled_see_it(
    world: World, visibility: str, operator: bool, secretariat: bool, competitor: bool
) -> None:
    document = added(world, organisation=world.onmt.pk, visibility=visibility, by=world.manager)
    seen = [document in Document.objects.visible_to(user) for user in (world.operator, world.secretariat, world.competitor, world.auditor)]
    assert seen == [operator, secretariat, competitor, True]


def test_a_document_when_made_public_by_a_party_then_is_refused(world: World) -> None:
    for visibility in ("public", "committee"):
        with pytest.raises(Forbidden):
            added(world, visibility=visibility)
    document = added(world)
    with pytest.raises(Forbidden):
        update_document(document=document.pk, changes={"visibility": "public"}, by=world.secretariat)
    assert update_document(document=document.pk, changes={"visibility": "public"}, by=world.manager).visibility == "public"


def test_a_document_when_shared_with_parties_outside_a_convention_then_is_refused(world: World) -> None:
    with pytest.raises(Invalid) as refusal:
        added(world, convention=None)
    assert refusal.value.field == "visibility"
    assert added(world, convention=None, visibility="internal").convention is None


def test_a_document_when_attached_to_what_one_does_not_see_then_does_not_exist(world: World) -> None:
    with pytest.raises(Commitment.DoesNotExist):
        added(world, organisation=world.atlas.pk, convention=None, attached_to=world.owed_by_onmt, visibility="internal", by=world.operator)


def test_a_document_when_attached_then_takes_the_convention_of_its_object(world: World) -> None:
    assert added(world, convention=None, attached_to=world.owed_by_onmt).convention == world.convention
    foreign = CommitmentFactory()
    with pytest.raises(Invalid) as refusal:
        added(world, attached_to=foreign, by=world.manager)
    assert refusal.value.code == "foreign_object"


def test_a_document_when_added_for_somebody_else_then_is_refused(world: World) -> None:
    for user in (world.operator, world.auditor, world.users["cnt", MandateRole.READER]):
        with pytest.raises(Forbidden):
            added(world, by=user)


def test_a_document_when_removed_then_can_be_restored_by_its_owner(world: World) -> None:
    document = added(world)
    with pytest.raises(Invalid):
        remove_document(document=document.pk, reason=" ", by=world.secretariat)
    remove_document(document=document.pk, reason="Version de travail.", by=world.secretariat)
    assert document not in Document.objects.visible_to(world.secretariat)
    with pytest.raises(Document.DoesNotExist):
        restore_document(document=document.pk, by=world.operator)

    restore_document(document=document.pk, by=world.secretariat)

    assert document in Document.objects.visible_to(world.secretariat)
    with pytest.raises(Conflict):
        restore_document(document=document.pk, by=world.secretariat)


def test_a_document_when_it_proves_what_is_declared_then_its_owner_keeps_it(world: World) -> None:
    document = added(world)
    EvidenceFactory(commitment=CommitmentFactory(axis=world.axis, status="declared"), document=document, organisation=world.cnt)
    with pytest.raises(Conflict):
        remove_document(document=document.pk, reason="Plus utile.", by=world.secretariat)
    remove_document(document=document.pk, reason="Donnée personnelle.", by=world.manager)


def test_a_document_when_somebody_elses_then_gets_no_version(world: World) -> None:
    document = DocumentFactory(convention=world.convention, organisation=world.onmt)
    with pytest.raises(Forbidden):
        add_version(document=document.pk, upload=pdf(), by=world.secretariat)
    with pytest.raises(Document.DoesNotExist):
        add_version(document=document.pk, upload=pdf(), by=world.operator)


@pytest.mark.parametrize(("answer", "state"), [(b"stream: OK\0", "clean"), (b"stream: Eicar-Signature FOUND\0", "infected")])
def test_a_version_when_its_scanner_answers_at_last_then_is_settled(
    world: World, settings: Any, tmp_path: Path, answer: bytes, state: str
) -> None:
    settings.CLAMAV_SOCKET = str(tmp_path / "clamd")
    version = added(world).versions.get()
    assert (version.scan_state, version.is_readable) == ("pending", False)
    assert scan_pending_versions(by=SYSTEM) == 0

    scanner(settings.CLAMAV_SOCKET, answer)
    assert scan_pending_versions(by=SYSTEM) == 1

    version.refresh_from_db()
    assert (version.scan_state, version.is_readable) == (state, state == "clean")
    assert scan_pending_versions(by=SYSTEM) == 0


def test_a_version_when_its_file_is_lost_then_does_not_hold_back_the_others(world: World, settings: Any, tmp_path: Path) -> None:
    settings.CLAMAV_SOCKET = str(tmp_path / "clamd")
    lost, kept = added(world).versions.get(), added(world, upload=pdf(text="autre")).versions.get()
    (Path(settings.MEDIA_ROOT) / str(lost.file.name)).unlink()

    scanner(settings.CLAMAV_SOCKET, b"stream: OK\0")
    assert scan_pending_versions(by=SYSTEM) == 1

    kept.refresh_from_db()
    assert kept.scan_state == "clean"
