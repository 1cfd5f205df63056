"""The portal's main job, from end to end, in a browser: a delivery declared, contested, confirmed, reported, and told."""

from __future__ import annotations

import io
import re
import time
from dataclasses import dataclass
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


def report(someone: Visitor, convention: str, language: str) -> tuple[str, bytes]:
    """Ask for the PDF of a convention and wait for it: its page and its content."""
    someone.open("/reports/")
    someone.page.click('main a[href^="/reports/new/"]')
    someone.page.select_option("main select[name=convention]", first(f"({UUID})", convention))
    someone.page.check("main [name=format][value=pdf]")
    someone.page.select_option("main select[name=language]", language)
    someone.page.click("main form .form-actions button")
    someone.page.wait_for_url(re.compile(rf"/reports/{UUID}/"))
    place = someone.page.url.removeprefix(someone.address)
    someone.page.wait_for_selector(f'a[href="{place}file/"]', timeout=60_000)
    answer = someone.context.request.get(f"{someone.address}{place}file/")
    assert (answer.status, answer.headers["content-type"]) == (200, "application/pdf")
    return place, answer.body()


@dataclass
class Scene:
    """Who declares, who answers, who must know nothing of it; and what it is about."""

    declarer: Visitor
    answerer: Visitor
    competitor: Visitor
    path: str = ""
    reference: str = ""
    convention: str = ""
    file: str = ""

    @property
    def parties(self) -> tuple[Visitor, Visitor]:
        """Both sides of the ledger."""
        return self.declarer, self.answerer


def tile(someone: Visitor, slug: str) -> str:
    """What a tile of somebody's home page holds."""
    status = someone.open("/")
    found = someone.page.locator(f"#{slug}")
    assert (status, found.count()) == (200, 1), f"{slug} is not on {someone.page.url}: {someone.page.locator('body').inner_text()}"
    return found.inner_html()


def choose(scene: Scene) -> None:
    """A commitment that the declarer is to deliver, and of which it will be reminded within 14 days."""
    someone = scene.declarer
    owed = set(re.findall(rf'href="(/commitments/{UUID}/)"', tile(someone, "to-declare")))
    reminded = sorted(owed & forecast_paths(someone))
    assert reminded, "the demo needs a commitment due soon on each side"
    scene.path = reminded[0]
    someone.open(scene.path)
    scene.reference = someone.page.locator("dl.facts dd").first.inner_text()
    scene.convention = first(rf'href="(/conventions/{UUID}/)', someone.page.content())


def nothing_for_a_competitor(scene: Scene, report_path: str) -> None:
    """By page, act, file, report and API, and in no list."""
    api = scene.path.replace("/commitments/", "/api/v1/commitments/")
    known = (scene.path, scene.convention, scene.file, scene.file.removesuffix("file/"), report_path, f"{report_path}file/", api)
    for path in known:
        assert (scene.declarer.status(path), scene.competitor.status(path)) == (200, 404), path
    for act in ("declare", "contest", "confirm"):
        assert scene.competitor.status(f"{scene.path}{act}/") == 404
    listed = scene.competitor.context.request.get(f"{scene.competitor.address}/api/v1/commitments/")
    assert (listed.status, listed.json()["results"]) == (200, [])


@pytest.mark.parametrize(("language", "declarer", "answerer"), [("fr", SECRETARIAT, MANAGER), ("ar", MANAGER, SECRETARIAT)])
def test_a_delivery_when_declared_contested_and_confirmed_then_every_door_tells_the_same(
    visitor: Callable[..., Visitor], language: str, declarer: str, answerer: str
) -> None:
    scene = Scene(visitor(), visitor(width=1280, height=900), visitor())
    for someone, email in ((scene.declarer, declarer), (scene.answerer, answerer), (scene.competitor, COMPETITOR)):
        someone.sign_in(email)
        someone.choose_language(language)
    choose(scene)
    path = scene.path

    declare(scene.declarer, path, f"Feuille d'émargement {language}")
    scene.file = first(rf'href="(/documents/{UUID}/file/)"', scene.declarer.page.content())
    assert path in lines_of(scene.declarer, scene.convention, "declared")
    assert path not in forecast_paths(scene.declarer)

    assert path in tile(scene.answerer, "to-answer")
    act_by_dialog(scene.answerer, path, "contest", REASON)
    for side in scene.parties:
        assert path in lines_of(side, scene.convention, "contested")
        side.open(path)
        assert REASON in side.page.content()
    assert mails_about(scene.answerer, declarer, scene.reference, REASON) == 1

    act_by_dialog(scene.answerer, path, "confirm")
    for side in scene.parties:
        assert path in lines_of(side, scene.convention, "confirmed")
        assert path not in lines_of(side, scene.convention, "contested")

    report_path, pdf = report(scene.declarer, scene.convention, language)
    text = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
    assert scene.reference in text
    nothing_for_a_competitor(scene, report_path)
    assert [someone.complaints for someone in scene.parties] == [[], []]
