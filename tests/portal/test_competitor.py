"""What a competitor tries: ids, filters, lists of choices, cursors, links and methods of others. None of it shows anything."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse

from accounts.roles import MandateRole
from core.models import Job, Notification
from partnership.models import Mandate
from partnership.reports import ProgressReport
from tests.architecture import house
from tests.architecture.doors import MISSING, NOUNS, Visitor, doors, paths
from tests.factories import partnership as make
from tests.factories.accounts import sign_in
from tests.factories.everything import TOKEN, Everything, build_everything, notify

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.test import Client

# Without the database's own wall, which would hide a filter that is missing here (test_second_wall.py tries that one alone).
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("first_wall_alone")]
EVIL = (
    "//evil.example/",
    "https://evil.example/",
    "/\\evil.example",
    "javascript:alert(1)",
    "http:evil.example",
    " //evil.example",
    "\t//evil.example",
)


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def things(db: None) -> Everything:
    return build_everything()


def scrubbed(answer: Any) -> str:
    """An answer without what differs from one request to the next: ids, form tokens."""
    text = answer.content.decode() if not answer.streaming else "a file"
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}", "ID", text)
    return re.sub(r'(csrf[^>]*?(?:value|content)=")[^"]+|("X-CSRFToken":\s*")[^"]+|[A-Za-z0-9]{64}', "TOKEN", text)


def same(one: Any, other: Any) -> bool:
    return (one.status_code, scrubbed(one)) == (other.status_code, scrubbed(other))


# -- addresses ---------------------------------------------------------------------------------------------------------
def test_an_id_when_it_is_a_competitors_then_answers_as_one_that_never_was(things: Everything) -> None:
    visit = Visitor(things.world.competitor)
    wrong = []
    for door in doors():
        if door.name not in NOUNS:
            continue
        noun = NOUNS[door.name][0]
        foreign = things.hidden["published"] if noun in {"published", "convention"} else things.row(noun)
        for there, nowhere in zip(paths(door, things, foreign.pk) or (), paths(door, things, MISSING) or (), strict=True):
            for method in ("get", "post", "head"):
                one, other = visit(method, there).answer, visit(method, nowhere).answer
                if one.status_code not in {404, 405} or not same(one, other):
                    wrong.append(f"{method} {there}: {one.status_code}, missing: {other.status_code}")
    house.nothing(wrong)


def test_a_method_when_it_only_asks_or_disguises_itself_then_does_nothing(things: Everything) -> None:
    visit = Visitor(things.world.operator)
    wrong = []
    for door in doors():
        if door.name.startswith(("admin:", "portal:notification_open")):
            continue
        for path in paths(door, things) or ():
            for method, headers in (("head", {}), ("options", {}), ("get", {"X-HTTP-Method-Override": "POST", "X-HTTP-Method": "DELETE"})):
                knock = visit(method, path, {"_method": "POST"} if method == "get" else None, **headers)
                if knock.writes or (knock.answer.status_code >= 500 and door.name not in {"healthz", "health_ready"}):
                    wrong.append(f"{knock.answer.status_code} {method} {path} {knock.writes[:1]} {knock.error}")
    house.nothing(wrong)


def test_a_fragment_when_asked_by_htmx_then_hides_the_same_rows(things: Everything, client: Client) -> None:
    headers = {"HX-Request": "true", "HX-Target": "progress", "HX-Current-URL": "https://evil.example/"}
    path = reverse("portal:report_detail", args=[things.mine["job"].pk])
    assert client.get(path, headers=headers).status_code == 401
    assert "evil.example" not in client.get(path, headers=headers)["HX-Redirect"]
    sign_in(client, things.world.competitor)
    for extra in ({}, {"HX-Boosted": "true"}, {"HX-History-Restore-Request": "true"}):
        assert client.get(path, headers=headers | extra).status_code == 404


# -- what the pages say ------------------------------------------------------------------------------------------------
def secrets_of(things: Everything) -> dict[str, tuple[str, ...]]:
    """By reader, the words that no page of theirs may hold."""
    world = things.world
    other = make.ActionFactory(axis=world.axis, organisation=world.rif, title="Étude secrète de Rif")
    make.EvidenceFactory(commitment=None, action=other, organisation=world.rif, title="Facture secrète de Rif")
    make.EvidenceFactory(commitment=world.owed_by_cnt, title="Lettre secrète des parties")
    make.DocumentFactory(convention=world.convention, organisation=world.onmt, title="Projet secret des parties")
    hidden = things.hidden["published"]
    axis = make.AxisFactory(convention=hidden, title_fr="Volet secret")
    make.ActionFactory(axis=axis, title="Action secrète d'ailleurs")
    ledger = ("Lettre secrète", "Projet secret", "Volet secret", "Action secrète", "Accord réservé", "Avenant réservé")
    lines = (world.owed_by_cnt.title_fr, world.owed_by_onmt.title_fr)
    mine = ("réservé à Atlas", "réservée à Atlas", "nouvelle@atlas.example", "member@atlas.example")
    return {
        "operator": (*ledger, *lines, "Étude secrète de Rif", "Facture secrète de Rif", "member@rif.example"),
        "competitor": (*ledger, *lines, *mine),
    }


@pytest.mark.parametrize("role", ["operator", "competitor"])
def test_the_pages_of_an_operator_when_read_one_by_one_then_hold_nothing_of_the_parties_or_of_a_competitor(
    things: Everything, role: str
) -> None:
    world = things.world
    world.owed_by_cnt.title_fr, world.owed_by_onmt.title_fr = "Quatre ateliers promis", "Campagne promise"
    world.owed_by_cnt.save()
    world.owed_by_onmt.save()
    words = secrets_of(things)[role]
    visit = Visitor(getattr(world, role))
    found, pages = [], 0
    queries = ("", "?view=board", "?status=open", "?part=people", "?part=members", "?part=ledger", "?part=timeline", "?q=secr")
    for door in doors():
        # Whoever holds an invitation's link received it at that address: its page says the address.
        if door.name.startswith(("admin:", "partnership:invitation_accept")):
            continue
        for path in paths(door, things) or ():
            for query in queries if path.endswith(("actions/", "organisations/", "s/", f"{world.atlas.pk}/")) else ("",):
                answer = visit("get", path + query).answer
                pages += answer.status_code == 200
                text = answer.body.decode(errors="replace")  # type: ignore[attr-defined]
                found += [f"« {word} » in {path}{query}" for word in words if word in text or word.replace("'", "&#x27;") in text]
    house.nothing(found)
    assert pages > 20


# -- filters and choices -----------------------------------------------------------------------------------------------
def test_a_filter_when_its_value_is_a_competitors_then_answers_as_for_one_that_never_was(things: Everything, client: Client) -> None:
    world, hidden = things.world, things.hidden["published"]
    axis = make.AxisFactory(convention=hidden)
    make.ActionFactory(axis=axis)
    sign_in(client, world.competitor)
    actions, new = reverse("partnership:action_list"), reverse("portal:report_new", args=[ProgressReport.kind])
    for path, name, foreign in [
        (actions, "axis", world.axis.pk), (actions, "axis", axis.pk), (actions, "organisation", world.atlas.pk),
        (new, "convention", hidden.pk), (new, "convention", world.convention.pk),
        (reverse("partnership:organisation_list"), "region", world.atlas.pk),
    ]:  # fmt: skip
        assert same(client.get(path, {name: foreign}), client.get(path, {name: MISSING})), (path, name)


def test_a_choice_when_it_is_somebody_elses_then_is_refused_as_one_that_never_was(things: Everything, client: Client) -> None:
    world = things.world
    elsewhere = make.ConventionFactory(reference="AUTRE", organisations=[world.onmt, world.rif])
    axis = make.AxisFactory(convention=elsewhere)
    commitment = make.CommitmentFactory(axis=axis)
    sign_in(client, world.secretariat)
    likely = {"title": "Une action", "priority": "normal", "starts_on": "2026-11-23", "due_on": "2026-12-23", "axis": str(world.axis.pk)}
    likely |= {"organisation": str(world.cnt.pk)}
    new = reverse("partnership:action_new")
    report = reverse("portal:report_new", args=[ProgressReport.kind])
    document = reverse("partnership:document_add", args=[world.convention.pk])
    foreign_person = Mandate.objects.get(person__user=world.competitor).person
    for path, given, name, foreign in [
        (new, likely, "axis", axis.pk), (new, likely, "commitment", commitment.pk), (new, likely, "organisation", world.rif.pk),
        (new, likely, "responsible", foreign_person.pk),
        (report, {"format": "pdf", "language": "fr"}, "convention", elsewhere.pk),
        (document, {"title": "T", "kind": "other", "visibility": "parties"}, "organisation", world.onmt.pk),
    ]:  # fmt: skip
        one, other = client.post(path, given | {name: str(foreign)}), client.post(path, given | {name: MISSING})
        assert (one.status_code, other.status_code) == (422, 422), (path, name)
        assert one.context["form"].errors.as_json().replace(str(foreign), MISSING) == other.context["form"].errors.as_json(), (path, name)
    assert not Job.objects.filter(requested_by=world.secretariat).exists()


# -- switch, notifications, reports, documents, invitations, cursors ------------------------------------------------------
def test_the_switch_when_the_mandate_is_somebody_elses_then_does_not_exist(things: Everything, client: Client) -> None:
    sign_in(client, things.world.competitor)
    before = client.get("/organisation/").content.count(b"Rif")
    assert client.post("/switch/", {"mandate": str(things.mine["mandate"].pk)}).status_code == 404
    assert client.get("/organisation/").content.count(b"Rif") == before


def test_an_address_to_come_back_to_when_it_leads_away_then_is_not_followed(things: Everything, client: Client) -> None:
    own = Mandate.objects.get(person__user=things.world.competitor)
    for evil in EVIL:
        for path, given in [("/i18n/setlang/", {"language": "fr"}), ("/accounts/login/", {}), ("/switch/", {"mandate": str(own.pk)})]:
            for signed_in in (False, True):
                client.logout()
                if signed_in:
                    sign_in(client, things.world.competitor)
                for answer in (client.post(f"{path}?next={evil}", given | {"next": evil}), client.get(path, {"next": evil})):
                    assert not re.match(r"[\s\\/]*/?/?(\\|javascript|https?:|/)evil|javascript|https?:", answer.get("Location", "")), path
                    assert "evil.example" not in answer.get("Location", "").partition("?")[0], (path, evil)


def test_a_notification_when_it_is_somebody_elses_then_is_neither_opened_nor_read(things: Everything, client: Client) -> None:
    row = things.mine["notification"]
    sign_in(client, things.world.competitor)
    assert client.get(reverse("portal:notification_open", args=[row.pk])).status_code == 404
    client.post(reverse("portal:notifications_read"), {"id": [str(row.pk)]})
    client.post(reverse("portal:notifications_read"))
    assert Notification.objects.get(pk=row.pk).read_at is None


def test_a_report_when_it_is_somebody_elses_then_is_neither_shown_nor_cancelled(things: Everything, client: Client) -> None:
    job = things.mine["job"]
    for user in (things.world.competitor, things.world.auditor, things.world.manager):
        sign_in(client, user)
        for name in ("report_detail", "report_file"):
            assert client.get(reverse(f"portal:{name}", args=[job.pk])).status_code == 404
        assert client.post(reverse("portal:report_act", args=[job.pk, "cancel"])).status_code == 404


def test_a_version_when_its_number_is_guessed_then_is_no_file(things: Everything, client: Client) -> None:
    document = things.mine["document"].pk
    for user, expected in [(things.world.competitor, 404), (things.world.operator, 404)]:
        sign_in(client, user)
        for number in (0, 2, 99, 10**30):
            assert client.get(reverse("partnership:document_version", args=[document, number])).status_code == expected
    assert client.get(reverse("partnership:document_version", args=[document, 1])).status_code == 200


def test_a_link_when_it_is_guessed_then_all_answer_alike(things: Everything, client: Client) -> None:
    row: Any = things.mine["invitation"]
    guesses = [row.token_digest, str(row.pk), TOKEN.upper(), TOKEN[:-1], f"{TOKEN}=", "%F0%9F%8F%A8", "é" * 200]
    answers = [client.get(reverse("partnership:invitation_accept", args=[guess])) for guess in guesses]
    assert {answer.status_code for answer in answers} == {410}
    # The forms of the page's frame come back to the address that was asked for.
    assert len({re.sub(r'name="next" value="[^"]*"', "", scrubbed(answer)) for answer in answers}) == 1
    sign_in(client, things.world.competitor)
    assert client.post(reverse("partnership:invitation_accept", args=[TOKEN])).status_code == 403
    row.refresh_from_db()
    assert row.accepted_at is None


def test_a_cursor_when_it_comes_from_somebody_elses_list_then_opens_ones_own_rows_only(things: Everything, client: Client) -> None:
    world = things.world
    make.ActionFactory.create_batch(26, axis=world.axis, organisation=world.atlas)
    for _number in range(31):
        notify(world.operator, about=things.mine["action"], url="/")
    sign_in(client, world.operator)
    pages = [reverse("partnership:action_list"), reverse("portal:notifications")]
    links = [client.get(path).context["page"].next_url for path in pages]
    assert all(links)
    sign_in(client, world.competitor)
    for path, link in zip(pages, links, strict=True):
        assert client.get(path + link).context["page"].rows == []
    assert [client.get(pages[1] + links[0]).status_code, client.get(f"{pages[0]}?cursor=x").status_code] == [404, 404]


def test_a_colleague_who_only_reads_when_acting_then_is_forbidden_everything(things: Everything) -> None:
    visit = Visitor(things.world.users["atlas", MandateRole.READER])
    wrong = []
    for door in doors():
        if door.name in NOUNS and door.name.endswith(("_act", "_update", "_invite", "_remove", "_restore", "version_add", "document_add")):
            for path in paths(door, things) or ():
                knock = visit("post", path, {"reason": "Une raison entière", "outcome": "Fait", "progress": "50", "role": "member"})
                if knock.writes or (knock.answer.status_code not in {403, 404} and "report" not in path):
                    wrong.append(f"{knock.answer.status_code} {path} {knock.writes[:1]}")
    house.nothing(wrong)
