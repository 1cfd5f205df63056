"""Reports: asked for, followed, downloaded by those who may open the convention's ledger."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse

from core import clock
from core.models import Job
from partnership.reports import ProgressReport
from tests.factories import partnership as make
from tests.factories.accounts import sign_in

if TYPE_CHECKING:
    from django.test import Client

    from accounts.models import User
    from tests.factories.world import World

pytestmark = pytest.mark.django_db
NEW = reverse("portal:report_new", args=[ProgressReport.kind])
LIST = reverse("portal:reports")


def asked(world: World, **more: str) -> dict[str, str]:
    return {"convention": str(world.convention.pk), "format": "pdf", "language": "ar"} | more


def job_of(world: World, user: User, state: str = "requested", **fields: Any) -> Job:
    now = clock.now()
    by_state: dict[str, dict[str, Any]] = {
        "requested": {},
        "running": {"lease_until": now + timedelta(minutes=1), "as_of": now, "progress": 40, "progress_label": "Reading"},
        "failed": {"finished_at": now, "error": "Something went wrong."},
        "cancelled": {"finished_at": now},
        "done": {
            "finished_at": now, "as_of": now, "size": 3, "sha256": hashlib.sha256(b"PDF").hexdigest(),
            "expires_at": now + timedelta(days=30),
            "filename": "rapport.pdf", "media_type": "application/pdf", "progress": 100,
        },
    }  # fmt: skip
    params = {"convention": str(world.convention.pk), "format": "pdf"}
    job = Job(kind=ProgressReport.kind, params=params, unique_key=str(uuid4()), requested_by=user, state=state, **by_state[state], **fields)
    if state == "done":
        job.result.save("jobs/rapport.pdf", ContentFile(b"PDF"), save=False)
    job.save()
    return job


def detail(job: Job) -> str:
    return reverse("portal:report_detail", args=[job.pk])


def test_report_is_asked_in_a_language_and_leads_to_its_progress(world: World, client: Client) -> None:
    sign_in(client, world.secretariat)
    response = client.post(NEW, asked(world))
    job = Job.objects.get()
    assert (response.status_code, response["Location"]) == (302, detail(job))
    assert (job.language, job.params, job.requested_by) == (
        "ar",
        {"convention": str(world.convention.pk), "format": "pdf"},
        world.secretariat,
    )
    assert client.post(NEW, asked(world))["Location"] == detail(job)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("convention", ""),
        ("convention", "01a20000-0000-7000-8000-000000000000"),
        ("convention", "9" * 30),
        ("convention", "a\x00"),
        ("format", "exe"),
        ("language", "de"),
    ],
)
def test_report_refuses_ugly_input(world: World, client: Client, field: str, value: str) -> None:
    sign_in(client, world.secretariat)
    assert client.post(NEW, asked(world, **{field: value})).status_code == 422
    assert not Job.objects.exists()


def test_report_of_a_foreign_convention_cannot_be_asked_for(world: World, client: Client) -> None:
    foreign = make.ConventionFactory()
    for user in (world.operator, world.secretariat):
        sign_in(client, user)
        assert client.post(NEW, asked(world, convention=str(foreign.pk))).status_code == 422
    assert not Job.objects.exists()
    assert client.get(reverse("portal:report_new", args=["unknown"])).status_code == 404


def test_catalogue_is_empty_with_a_way_out_for_those_whose_organisation_is_no_party(world: World, client: Client) -> None:
    sign_in(client, world.operator)
    content = client.get(LIST).content.decode()
    assert (NEW in content, "/public/" in content) == (False, True)
    sign_in(client, world.secretariat)
    assert NEW in client.get(LIST).content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_list_costs_the_same_for_any_number_of_rows(world: World, client: Client, django_assert_num_queries: Any, count: int) -> None:
    for _ in range(count):
        job_of(world, world.secretariat, "done")
    sign_in(client, world.secretariat)
    client.get(LIST)
    with django_assert_num_queries(
        9
    ):  # session, account, mandates, the bell; what is open, what may be imported (2), the jobs, their conventions
        client.get(LIST)


@pytest.mark.parametrize(
    ("state", "asks_again"), [("requested", True), ("running", True), ("done", False), ("failed", False), ("cancelled", False)]
)
def test_progress_asks_again_only_while_something_may_happen(world: World, client: Client, state: str, asks_again: bool) -> None:
    job = job_of(world, world.secretariat, state)
    sign_in(client, world.secretariat)
    content = client.get(detail(job)).content.decode()
    part = client.get(detail(job), headers={"HX-Request": "true"}).content.decode()
    assert ('hx-trigger="every 2s"' in content, 'http-equiv="refresh"' in content) == (asks_again, asks_again)
    assert ("<html" in part, 'id="job"' in part) == (False, True)


def test_file_is_downloaded_by_its_owner_while_it_is_kept_and_the_right_lasts(world: World, client: Client) -> None:
    job = job_of(world, world.secretariat, "done")
    address = reverse("portal:report_file", args=[job.pk])
    sign_in(client, world.secretariat)
    response = client.get(address)
    assert (response.status_code, response.getvalue(), response["X-Content-Type-Options"]) == (200, b"PDF", "nosniff")
    Job.objects.filter(pk=job.pk).update(expires_at=clock.now())
    assert client.get(address).status_code == 404
    Job.objects.filter(pk=job.pk).update(expires_at=clock.now() + timedelta(days=1))
    world.party_cnt.organisation.parties.update(organisation=world.fnavm)
    assert client.get(address).status_code == 404


def test_jobs_of_others_do_not_exist(world: World, client: Client) -> None:
    job = job_of(world, world.secretariat, "running")
    sign_in(client, world.operator)
    answers = [client.get(detail(job)).status_code, client.get(reverse("portal:report_file", args=[job.pk])).status_code]
    answers += [client.post(reverse("portal:report_act", args=[job.pk, verb])).status_code for verb in ("cancel", "retry")]
    assert answers == [404, 404, 404, 404]
    assert Job.objects.get().state == "running"


def test_report_is_cancelled_or_tried_again_when_its_state_allows(world: World, client: Client) -> None:
    running, failed = job_of(world, world.secretariat, "running"), job_of(world, world.secretariat, "failed")
    sign_in(client, world.secretariat)
    for job, verb in ((running, "cancel"), (failed, "retry"), (running, "retry"), (failed, "burn")):
        client.post(reverse("portal:report_act", args=[job.pk, verb]))
    assert [Job.objects.get(pk=job.pk).state for job in (running, failed)] == ["cancelled", "requested"]
    assert client.get(reverse("portal:report_act", args=[running.pk, "cancel"])).status_code == 405
