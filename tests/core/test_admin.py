"""The administration as a whole: who enters, what each role sees and cannot write, what an ugly address does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest
from django.contrib import admin
from django.urls import reverse

from accounts.roles import MandateRole, StaffRole
from core.admin.base import BaseAdmin
from core.calendar import load_holidays
from core.models import Holiday, OutboxMail
from tests.factories.accounts import UserFactory, sign_in
from tests.factories.partnership import (
    ActionFactory,
    ApiClientFactory,
    DocumentFactory,
    DocumentVersionFactory,
    EvidenceFactory,
    InvitationFactory,
)

if TYPE_CHECKING:
    from django.test import Client

    from tests.factories.world import World

pytestmark = pytest.mark.django_db

MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)
NAMES = [model._meta.label_lower.replace(".", "_") for model in MODELS]


@pytest.fixture
def full(world: World) -> World:
    """The world, with at least one row of every noun that has a page."""
    action = ActionFactory(axis=world.axis, organisation=world.atlas)
    EvidenceFactory(commitment=world.owed_by_cnt)
    EvidenceFactory(commitment=None, action=action, organisation=world.atlas)
    DocumentVersionFactory(document=DocumentFactory(convention=world.convention, organisation=world.onmt))
    ApiClientFactory(organisation=world.atlas)
    InvitationFactory(organisation=world.atlas)
    load_holidays(years=[2026])
    OutboxMail.objects.create(
        to_email="a@example.ma", language="fr", kind="k", subject="Sujet", body="Texte", status="failed", last_error="x"
    )
    return world


def _rows(model: type[Any]) -> Any:
    return model._default_manager.first()


# -- who enters --------------------------------------------------------------------------------------------------------
def test_the_administration_when_registered_then_holds_only_pages_that_write_through_services() -> None:
    assert [model.__name__ for model, page in admin.site._registry.items() if not isinstance(page, BaseAdmin)] == []


def test_the_administration_when_asked_by_nobody_then_leads_to_the_front_door(client: Client) -> None:
    answer = client.get("/admin/partnership/convention/")

    assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/accounts/login/")


def test_the_administration_when_asked_by_somebody_of_an_organisation_then_does_not_exist(client: Client, world: World) -> None:
    sign_in(client, world.operator)

    statuses = [
        client.get(path, follow=True).status_code
        for path in ("/admin/", "/admin/partnership/convention/", "/admin/trail/", "/admin/login/")
    ]

    assert statuses == [404, 404, 404, 404]


def test_the_administration_when_asked_without_second_factor_then_leads_to_it(client: Client, world: World) -> None:
    sign_in(client, world.manager, second_factor=False)

    answer = client.get("/admin/partnership/convention/")

    assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/accounts/2fa/")


def test_the_administration_when_asked_by_staff_without_a_role_then_does_not_exist(client: Client, world: World) -> None:
    sign_in(client, UserFactory(is_staff=True))

    assert client.get("/admin/", follow=True).status_code == 404


def test_the_password_page_of_the_administration_when_asked_then_does_not_exist(client: Client, world: World) -> None:
    sign_in(client, world.manager)

    assert client.get("/admin/password_change/").status_code == 404


# -- what each role sees -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("role", [StaffRole.CONVENTION_MANAGER, StaffRole.ACCOUNT_MANAGER, StaffRole.AUDITOR])
def test_every_page_when_read_by_a_role_then_is_shown(client: Client, full: World, role: StaffRole) -> None:
    sign_in(client, full.staff[role])
    wrong = []
    for name, model in zip(NAMES, MODELS, strict=True):
        pages = [reverse(f"admin:{name}_changelist"), reverse(f"admin:{name}_changelist") + "?q=atlas"]
        row = _rows(model)
        if row is not None:
            pages += [reverse(f"admin:{name}_change", args=[row.pk]), reverse(f"admin:{name}_history", args=[row.pk])]
        wrong += [f"{answer.status_code} {page}" for page in pages if (answer := client.get(page)).status_code != 200]
    wrong += [f"{answer.status_code} {page}" for page in PAGES if (answer := client.get(page)).status_code != 200]
    assert wrong == []


PAGES = ["/admin/", "/admin/reminders/", "/admin/trail/", "/admin/accounts/user/roles/"]


def test_the_auditor_when_writing_anywhere_then_is_refused_and_nothing_changes(client: Client, full: World) -> None:
    sign_in(client, full.auditor)
    wrong = []
    for name, model in zip(NAMES, MODELS, strict=True):
        row, page = _rows(model), cast("Any", admin.site._registry[model])
        addresses = [reverse(f"admin:{name}_add")]
        if row is not None:
            addresses += [reverse(f"admin:{name}_change", args=[row.pk]), reverse(f"admin:{name}_delete", args=[row.pk])]
            addresses += [reverse(f"admin:{name}_act", args=[row.pk, act.slug]) for act in page.acts]
        addresses += [reverse(f"admin:{name}_bulk", args=[slug]) for slug in page.bulk_acts]
        wrong += [
            f"{answer.status_code} {path}" for path in addresses if (answer := client.post(path, {"reason": "un essai"})).status_code != 403
        ]
    assert wrong == []
    full.owed_by_cnt.refresh_from_db()
    assert full.owed_by_cnt.status == "planned"


def test_a_page_when_opened_for_writing_then_only_by_the_roles_that_keep_it(client: Client, full: World) -> None:
    found = {}
    for role in StaffRole:
        sign_in(client, full.staff[role])
        found[role] = {name for name in NAMES if client.get(reverse(f"admin:{name}_add")).status_code == 200}

    operating = {"partnership_organisation", "partnership_affiliation", "partnership_person", "partnership_action"}
    assert found == {
        StaffRole.CONVENTION_MANAGER: operating
        | {f"partnership_{noun}" for noun in ("convention", "party", "axis", "commitment", "document", "mandate")},
        StaffRole.TASKFORCE_OFFICER: operating,
        StaffRole.DOMESTIC_OFFICER: operating,
        StaffRole.TRAINING_OFFICER: operating,
        StaffRole.ACCOUNT_MANAGER: {
            "accounts_user", "partnership_person", "partnership_mandate", "partnership_invitation", "partnership_apiclient",
            "core_receipt",
        },
        StaffRole.AUDITOR: set(),
    }  # fmt: skip


def test_deleting_when_asked_by_anybody_then_is_refused(client: Client, full: World) -> None:
    user = UserFactory(is_staff=True, is_superuser=True)
    sign_in(client, user)

    statuses = {
        client.post(reverse(f"admin:{name}_delete", args=[row.pk]), {"post": "yes"}).status_code
        for name, model in zip(NAMES, MODELS, strict=True)
        if (row := _rows(model)) is not None
    }

    assert statuses == {403}


# -- ugly input --------------------------------------------------------------------------------------------------------
UGLY = [
    "?q=%27%22%3Cscript%3E", "?q=" + "x" * 3000, "?q=%F0%9F%98%80 %", "?p=abc", "?p=99999999999", "?o=zz.-9.99999999999999999999", "?all=",
    "?e=1", "?id__exact=x", "?pk=1", "?status=nothing", "?status__exact=%20", "?convention__id__exact=no", "?region__id__exact=no",
    "?password__startswith=p", "?period=never", "?situation=x", "?holds=x", "?_popup=1",
    "?_to_field=password", "?_changelist_filters=x",
    "?due_on__year=abc", "?due_on__year=99999999999999999999", "?due_on__month=0&due_on__year=2026", "?signed_on__day=99&signed_on__year=1",
    "?date__year=-5", "?day__year=99999999999999999999", "?role=x", "?kind=%ED%A0%80",
]  # fmt: skip


@pytest.mark.parametrize("query", UGLY)
def test_a_list_when_asked_with_an_ugly_address_then_never_breaks(client: Client, full: World, query: str) -> None:
    sign_in(client, full.manager)

    statuses = {name: client.get(reverse(f"admin:{name}_changelist") + query).status_code for name in NAMES}

    assert {name: status for name, status in statuses.items() if status >= 500} == {}


@pytest.mark.parametrize("key", ["x", "0", "-1", "../..", "%27", "01a20000-0000-7000-8000-000000000000", "9" * 400, "_0A", "_ZZ"])
def test_an_object_when_asked_with_an_ugly_id_then_is_not_found(client: Client, full: World, key: str) -> None:
    sign_in(client, full.manager)

    answers = [
        client.get(f"/admin/{name.replace('_', '/', 1)}/{key}/{page}")
        for name in NAMES
        for page in ("change/", "history/", "acts/cancel/", "acts/nothing/", "delete/")
    ]

    assert {answer.status_code for answer in answers} <= {302, 400, 403, 404}


@pytest.mark.parametrize(
    "query",
    [
        "?about=x",
        "?since=2026-99-99",
        "?since=0001-01-01",
        "?until=9999-12-31",
        "?kind=nothing",
        "?request_id=" + "x" * 90,
        "?actor=%25_%27",
        "?page=x",
    ],
)
def test_the_trail_when_asked_with_an_ugly_search_then_never_breaks(client: Client, full: World, query: str) -> None:
    sign_in(client, full.auditor)

    assert client.get(f"/admin/trail/{query}").status_code == 200


def test_the_menu_search_when_asked_for_an_ugly_page_then_never_breaks(client: Client, full: World) -> None:
    sign_in(client, full.manager)

    assert {client.get(f"/admin/search/?s=a&page={page}").status_code for page in ("x", "-1", "1", "²")} <= {200, 404}


# -- the cellar's own tables -------------------------------------------------------------------------------------------
def test_a_failed_mail_when_sent_again_then_waits_with_the_reason(client: Client, full: World) -> None:
    sign_in(client, full.manager)
    mail = OutboxMail.objects.get(status="failed")

    answer = client.post(reverse("admin:core_outboxmail_act", args=[mail.pk, "resend"]), {"reason": "Adresse vérifiée"})

    mail.refresh_from_db()
    assert (answer.status_code, mail.status, mail.resend_reason, mail.resent_by) == (302, "queued", "Adresse vérifiée", full.manager)


def test_a_mail_with_a_one_time_link_when_read_then_its_text_is_not_shown(client: Client, full: World) -> None:
    sign_in(client, full.auditor)
    mail = OutboxMail.objects.create(
        to_email="b@example.ma", language="fr", kind="k", subject="Lien", body="https://secret", is_sensitive=True
    )

    page = client.get(reverse("admin:core_outboxmail_change", args=[mail.pk])).content.decode()

    assert ("Lien" in page, "https://secret" in page) == (True, False)


def test_a_holiday_when_confirmed_then_moves_with_its_feast(client: Client, full: World) -> None:
    sign_in(client, full.manager)
    feast = Holiday.objects.filter(status="estimated", rank=1).first()
    assert feast is not None
    day = feast.date

    client.post(reverse("admin:core_holiday_act", args=[feast.pk, "confirm"]), {"date": day.isoformat(), "reason": "Communiqué"})

    feast.refresh_from_db()
    assert (feast.date, feast.status, feast.source) == (day, "confirmed", "Communiqué")


def test_the_roles_when_read_then_name_their_holders(client: Client, full: World) -> None:
    sign_in(client, full.auditor)

    page = client.get("/admin/accounts/user/roles/").content.decode()

    assert [str(role.value) in page for role in StaffRole] == [True] * 6
    assert str(MandateRole.READER.value) + " atlas" not in page


# -- lists cost the same whatever they hold ------------------------------------------------------------------------------
def test_the_outbox_when_listed_then_asks_as_much_for_three_rows_as_for_one(
    client: Client, full: World, django_assert_num_queries: Any
) -> None:
    sign_in(client, full.auditor)
    OutboxMail.objects.exclude(status="failed").delete()
    client.get(reverse("admin:core_outboxmail_changelist"))
    for count in (1, 3):
        while OutboxMail.objects.count() < count:
            OutboxMail.objects.create(to_email="c@example.ma", language="fr", kind="k", subject="Sujet")
        with django_assert_num_queries(6):
            client.get(reverse("admin:core_outboxmail_changelist"))
