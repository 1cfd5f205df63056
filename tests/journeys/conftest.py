"""Journeys run on the real thing: `manage.py demo` as a newcomer starts it, a real browser in front of it."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import sync_playwright

from partnership.management.commands.load_demo import credentials

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, BrowserContext, Page

ROOT = Path(__file__).resolve().parent.parent.parent
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or ""
START_SECONDS = 240
# What the demo must not take from the test run: its mode, and the addresses of the test's own services.
NOT_INHERITED = (
    "PORTAL_MODE",
    "DATABASE_URL",
    "REDIS_URL",
    "PORTAL_VAR",
    "PORTAL_TEST_TEMPLATE",
    "EMAIL_URL",
    "SECRET_KEY",
    "ALLOWED_HOSTS",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test here is a journey; all of them share one portal, hence one worker."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.journey)
            item.add_marker(pytest.mark.xdist_group("journeys"))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def portal() -> Iterator[str]:
    """The address of a demo started for these journeys, stopped and thrown away after them."""
    folder = Path(tempfile.mkdtemp(prefix="portal-journey-"))
    folder.chmod(0o755)
    port = _free_port()
    env = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
    env |= {"PORT": str(port), "PORTAL_VAR": str(folder), "PYTHONUNBUFFERED": "1"}
    log = folder / "demo.log"
    with log.open("wb") as output:
        demo = subprocess.Popen([sys.executable, "manage.py", "demo"], cwd=ROOT, env=env, stdout=output, stderr=subprocess.STDOUT)
    try:
        until = time.monotonic() + START_SECONDS
        while f"localhost:{port}/" not in log.read_text(errors="replace"):
            if demo.poll() is not None or time.monotonic() > until:
                pytest.fail(f"The demo did not start:\n{log.read_text(errors='replace')[-4000:]}")
            time.sleep(0.3)
        yield f"http://localhost:{port}"
    finally:
        if demo.poll() is None:
            demo.send_signal(signal.SIGINT)
            demo.wait(60)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One headless Chromium for all journeys."""
    if not CHROMIUM:
        pytest.skip("NO CHROMIUM ON THIS MACHINE: the journeys are not run")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
        )
        yield chromium
        chromium.close()


@dataclass
class Visitor:
    """Somebody in front of a browser. `complaints` collects what the browser's console found wrong."""

    address: str
    context: BrowserContext
    page: Page
    complaints: list[str]

    def open(self, path: str) -> int:
        """Go to a path and give the answer's status."""
        answer = self.page.goto(self.address + path)
        assert answer is not None
        return answer.status

    def status(self, path: str) -> int:
        """What a path answers, redirections not followed."""
        return self.context.request.get(self.address + path, max_redirects=0).status

    def sign_in(self, email: str) -> None:
        """Sign in with the demo's password; staff type the code that the demo shows."""
        password = next(account["password"] for account in credentials() if account["email"] == email)
        self.open("/accounts/login/")
        self.page.fill("[name=login]", email)
        self.page.fill("[name=password]", password)
        self.press("main form button.btn-primary")
        shown = self.page.locator("[data-demo-code]")
        used: set[str] = set()
        until = time.monotonic() + 90
        while shown.count() and time.monotonic() < until:
            code = shown.inner_text()
            if code in used:  # a code opens once: the next one shows within 30 seconds
                time.sleep(1)
                self.page.reload()
                continue
            used.add(code)
            self.page.fill("[name=code]", code)
            self.press("main form button.btn-primary")
        self.page.wait_for_url(re.compile(r"^[^?]*//[^/]+/$"))

    def press(self, selector: str) -> None:
        """Click what leads to another page, and wait until that page is there."""
        with self.page.expect_navigation():
            self.page.locator(selector).first.click()

    def choose_language(self, code: str) -> None:
        """By the header's own menu."""
        self.page.locator("header details.menu:has([name=language]) summary:visible").first.click()
        self.press(f"header [name=language][value={code}]:visible")
        self.page.wait_for_selector(f"html[lang={code}]")


@pytest.fixture
def visitor(portal: str, browser: Browser) -> Iterator[Callable[..., Visitor]]:
    """Make visitors, each with a browser window of its own: a phone unless said otherwise."""
    made: list[Visitor] = []

    def make(*, width: int = 390, height: int = 844) -> Visitor:
        context = browser.new_context(viewport={"width": width, "height": height}, accept_downloads=True)
        context.set_default_timeout(15_000)
        page = context.new_page()
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        made.append(Visitor(portal, context, page, complaints))
        return made[-1]

    yield make
    for each in made:
        each.context.close()
