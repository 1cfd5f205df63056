"""The portal's main job, from end to end, in a browser: a delivery declared, contested, confirmed, reported, and told."""

from __future__ import annotations

import io
import re
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from pypdf import PdfReader

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.journeys.conftest import Visitor

SECRETARIAT, MANAGER, COMPETITOR = "secretariat@cnt.example", "manager@onmt.example", "operator2@corniche.example"
UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
REASON = "Le compte rendu ne donne pas le nombre des participants : merci de le compléter."
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc0000003010100c9fe92ef0000000049454e44ae426082"
)


def first(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    assert found is not None, f"{pattern} not in {text[:2000]}"
    return found.group(1)


def forecast_paths(someone: Visitor) -> set[str]:
    """The objects of which somebody will be reminded within 14 days."""
    assert someone.open("/notifications/forecast/") == 200
    return set(re.findall(rf'href="(/commitments/{UUID}/)', someone.page.content()))


def declare(someone: Visitor, path: str, title: str) -> None:
    someone.open(f"{path}declare/")
    page = someone.page
    page.fill("[name=declaration]", "Deux ateliers tenus, à Casablanca puis à Fès, avec les opérateurs des deux régions.")
    page.fill("[name=evidence_title]", title)
    page.set_input_files("[name=evidence_file]", {"name": "feuille d'émargement.png", "mimeType": "image/png", "buffer": PNG})
    page.fill("[name=evidence_fact_on]", datetime.now(UTC).date().isoformat())
    page.click("main form .form-actions button")
    page.wait_for_url(f"**{path}")


def act_by_dialog(someone: Visitor, path: str, act: str, reason: str = "") -> None:
    someone.open(path)
    someone.page.click(f'a[href="{path}{act}/"]')
    if someone.page.url.endswith(f"/{act}/"):
        form = someone.page.locator("main form").last
    else:
        form = someone.page.locator(f"dialog[open] form[action='{path}{act}/']")
    if reason:
        form.locator("[name=reason]").fill(reason)
    form.locator(".form-actions button").first.click()
    someone.page.wait_for_url(f"**{path}")


def lines_of(someone: Visitor, convention: str, status: str) -> set[str]:
    assert someone.open(f"{convention}?part=ledger&status={status}") == 200
    return set(re.findall(rf'href="(/commitments/{UUID}/)"', someone.page.content()))


def mails_about(someone: Visitor, to: str, *words: str) -> int:
    """How many mails to somebody hold these words; waits for the worker."""
    until = time.monotonic() + 45
    count = 0
    while time.monotonic() < until:
        someone.open("/demo/mails/")
        blocks = someone.page.locator("#sent details").all_text_contents()
        count = sum(1 for text in blocks if to in text and all(word in text for word in words))
        if count:
            return count
        time.sleep(1)
    return count


def report(someone: Visitor, language: str) -> tuple[str, bytes]:
    """Ask for the PDF and wait for it: its page and its content."""
    someone.open("/reports/")
    someone.page.click('a[href^="/reports/new/"]')
    someone.page.select_option("[name=language]", language)
    if someone.page.locator("select[name=format]").count():
        someone.page.select_option("[name=format]", "pdf")
    else:
        someone.page.check("[name=format][value=pdf]")
    someone.page.click("main form .form-actions button")
    someone.page.wait_for_url(re.compile(rf"/reports/{UUID}/"))
    place = someone.page.url.removeprefix(someone.address)
    someone.page.wait_for_selector(f'a[href="{place}file/"]', timeout=60_000)
    answer = someone.context.request.get(f"{someone.address}{place}file/")
    assert (answer.status, answer.headers["content-type"]) == (200, "application/pdf")
    return place, answer.body()


@pytest.mark.parametrize("language", ["fr", "ar"])
def test_a_delivery_when_declared_contested_and_confirmed_then_every_door_tells_the_same(
    visitor: Callable[..., Visitor], language: str
) -> None:
    secretariat, manager, competitor = visitor(), visitor(width=1280, height=900), visitor()
    secretariat.sign_in(SECRETARIAT)
    manager.sign_in(MANAGER)
    competitor.sign_in(COMPETITOR)
    for someone in (secretariat, manager, competitor):
        someone.choose_language(language)

    # A commitment that the CNT is to deliver, and of which it will be reminded soon.
    secretariat.open("/")
    owed = set(re.findall(rf'href="(/commitments/{UUID}/)"', secretariat.page.locator("#to-declare").inner_html()))
    reminded = sorted(owed & forecast_paths(secretariat))
    assert reminded, "the demo needs a commitment of the CNT that is due soon"
    path = reminded[0]
    secretariat.open(path)
    title = secretariat.page.locator("h1").inner_text()
    reference = secretariat.page.locator("dl.facts dd").first.inner_text()
    convention = first(rf'href="(/conventions/{UUID}/)', secretariat.page.content())

    declare(secretariat, path, f"Feuille d'émargement {language}")
    file_path = first(rf'href="(/documents/{UUID}/file/)"', secretariat.page.content())
    assert path in lines_of(secretariat, convention, "declared")
    assert path not in forecast_paths(secretariat)

    manager.open("/")
    assert path in manager.page.locator("#to-answer").inner_html()
    act_by_dialog(manager, path, "contest", REASON)
    for side in (secretariat, manager):
        assert path in lines_of(side, convention, "contested")
        side.open(path)
        assert REASON in side.page.content()
    assert mails_about(manager, SECRETARIAT, reference, REASON) == 1

    act_by_dialog(manager, path, "confirm")
    for side in (secretariat, manager):
        assert path in lines_of(side, convention, "confirmed")
        assert path not in lines_of(side, convention, "contested")

    report_path, pdf = report(secretariat, language)
    text = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
    assert reference in text
    assert path not in forecast_paths(secretariat)

    # To a competitor none of it exists, by page, act, file, report, API.
    api = path.replace("/commitments/", "/api/v1/commitments/")
    for foreign in (
        path,
        f"{path}declare/",
        convention,
        file_path,
        file_path.removesuffix("file/"),
        report_path,
        f"{report_path}file/",
        api,
    ):
        assert secretariat.status(foreign) == 200 or "declare" in foreign, foreign
        assert competitor.status(foreign) == 404, foreign
    assert title not in competitor.context.request.get(f"{competitor.address}/api/v1/commitments/").text()
    for someone in (secretariat, manager):
        assert someone.complaints == []
