"""Imports from the pages: a file brought, checked, corrected, written and taken back, without scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.urls import reverse
from django.utils.html import escape
from django.utils.translation import override

from core import jobs
from core.models import ImportBatch, ImportMapping
from partnership.choices import OrganisationKind
from partnership.models import Organisation
from tests.factories.accounts import sign_in
from tests.factories.partnership import ice
from tests.factories.tables import csv_file, run_check

if TYPE_CHECKING:
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.test import Client

    from tests.factories.world import World

pytestmark = pytest.mark.django_db
LIST = reverse("portal:imports")
NEW = reverse("portal:import_new", args=["organisations"])


def table() -> SimpleUploadedFile:
    return csv_file([["Sorte", "name_fr", "ICE"], ["operator", "Riad neuf d'essai", ice(2001)]])


def brought(client: Client, upload: SimpleUploadedFile | None = None) -> ImportBatch:
    answer = client.post(NEW, {"file": upload or table(), "existing": "update"})
    assert answer.status_code == 302, answer.content.decode()
    return run_check(ImportBatch.objects.get())


def detail(batch: ImportBatch) -> str:
    return reverse("portal:import_detail", args=[batch.pk])


def act(batch: ImportBatch, slug: str) -> str:
    return reverse("portal:import_act", args=[batch.pk, slug])


def test_a_file_when_brought_mapped_written_and_undone_then_each_page_says_so(world: World, client: Client) -> None:
    sign_in(client, world.manager)
    assert client.get(LIST).status_code == 200
    assert client.get(NEW).status_code == 200
    batch = brought(client)
    # The heading « Sorte » is nobody's: the page says what is missing and offers the columns.
    page = client.get(detail(batch)).content.decode()
    assert batch.check_job is not None
    assert batch.check_job.error.split(":")[0] in page
    assert 'name="column_0"' in page
    assert batch.mapping == {"1": "name_fr", "2": "ice"}

    chosen = {"existing": "update", "column_0": "kind", "column_1": "name_fr", "column_2": "ice"}
    assert client.post(detail(batch), chosen).status_code == 302
    batch = run_check(batch)
    assert (batch.state, batch.counts["create"]) == ("checked", 1)
    assert ImportMapping.objects.get().headings["sorte"] == "kind"
    assert "Riad neuf d&#x27;essai" in client.get(detail(batch)).content.decode()

    assert client.get(act(batch, "apply")).status_code == 200
    assert client.post(act(batch, "apply")).status_code == 302
    batch.refresh_from_db()
    assert batch.apply_job_id is not None
    jobs.run(batch.apply_job_id)
    assert Organisation.objects.filter(ice=ice(2001)).exists()

    assert client.post(act(batch, "undo"), {"reason": ""}).status_code == 422
    assert client.post(act(batch, "undo"), {"reason": "wrong file"}).status_code == 302
    batch.refresh_from_db()
    assert batch.undo_job_id is not None
    jobs.run(batch.undo_job_id)
    assert not Organisation.objects.filter(ice=ice(2001)).exists()
    assert "wrong file" in client.get(detail(batch)).content.decode()


def test_columns_when_chosen_once_then_are_proposed_the_next_time(world: World, client: Client) -> None:
    sign_in(client, world.manager)
    batch = brought(client)
    client.post(detail(batch), {"existing": "update", "column_0": "kind", "column_1": "name_fr", "column_2": "ice"})
    client.post(act(batch, "abandon"))
    batch.refresh_from_db()
    assert (batch.state, bool(batch.file)) == ("abandoned", False)
    client.post(NEW, {"file": table(), "existing": "update"})
    second = run_check(ImportBatch.objects.exclude(pk=batch.pk).get())
    assert (second.state, second.mapping) == ("checked", {"0": "kind", "1": "name_fr", "2": "ice"})


def test_columns_when_two_are_given_one_field_then_the_page_says_which(world: World, client: Client) -> None:
    sign_in(client, world.manager)
    batch = brought(client)
    answer = client.post(detail(batch), {"existing": "update", "column_0": "kind", "column_1": "kind", "column_2": ""})
    assert answer.status_code == 422
    batch.refresh_from_db()
    assert batch.revision == 1


@pytest.mark.parametrize("who", ["competitor", "operator"])
def test_imports_when_asked_for_by_a_firm_then_do_not_exist(world: World, client: Client, who: str) -> None:
    sign_in(client, world.manager)
    batch = brought(client)
    client.logout()
    sign_in(client, getattr(world, who))
    for address in (LIST, NEW, detail(batch), act(batch, "apply"), act(batch, "undo")):
        assert client.get(address).status_code == 404
    assert client.post(NEW, {"file": table(), "existing": "update"}).status_code == 404
    assert client.post(act(batch, "apply")).status_code == 404
    assert ImportBatch.objects.count() == 1


def test_a_federation_when_it_imports_then_is_offered_its_memberships_only(world: World, client: Client) -> None:
    sign_in(client, world.users["fnih", "administrator"])  # type: ignore[index]
    page = client.get(LIST)
    assert [one.kind for one in page.context["imports"]] == ["affiliations"]


def test_a_list_when_exported_then_keeps_its_filters(world: World, client: Client) -> None:
    sign_in(client, world.manager)
    page = client.get(reverse("partnership:organisation_list"), {"kind": "operator"}).content.decode()
    address = reverse("portal:report_new", args=["organisations"])
    assert f"{address}?filters=kind%3Doperator" in page
    form = client.get(address, {"filters": "kind=operator"})
    assert form.context["form"].initial["filters"] == "kind=operator"


def test_a_file_when_about_to_be_brought_then_the_words_of_each_list_are_shown(world: World, client: Client) -> None:
    sign_in(client, world.manager)
    page = client.get(NEW).content.decode()
    with override(world.manager.language):
        words = escape(" · ".join(str(label) for label in OrganisationKind.labels))
    assert words in page
