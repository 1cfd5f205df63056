"""Every main page as its readers see it, and the ways into an account: in a browser, on a phone and on a desk, in French and in Arabic."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import struct
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from partnership.demo.people import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.journeys.conftest import Visitor

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
# What a screen reader's user cannot get past; the rest is advice.
GRAVE = """axe.run(document, {resultTypes: ["violations"], runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
    .then(found => found.violations
    .filter(each => ["serious", "critical"].includes(each.impact))
    .map(each => each.id + ": " + each.nodes.map(node => node.target.join(" ")).slice(0, 3).join(", ")))"""
SCREENS = ({"width": 1280, "height": 900}, {"width": 390, "height": 844})
CNT = ("/", "/conventions/", "{convention}", "{convention}?part=ledger", "{convention}?part=timeline", "{convention}?part=documents")
ANYBODY = ("/actions/?status=open", "/actions/?view=board", "/organisation/", "/notifications/", "/reports/", "/profile/")
ROLES = {
    "secretariat@cnt.example": (*CNT, "{commitment}", "/actions/new/", "/organisations/", "/notifications/preferences/", *ANYBODY),
    "operator1@menara.example": ("/", "/actions/?status=open", "/organisation/", "/profile/", "/help/", "/accounts/2fa/"),
    "manager@onmt.example": ("/", "{convention}", "{convention}?part=ledger", "{commitment}", "/notifications/forecast/", "/public/"),
}
MEMBER = "membre@cnt.example"


def addresses(someone: Visitor, paths: tuple[str, ...]) -> list[str]:
    """The paths, with the first convention that this person sees and its first commitment in their place."""
    known = {"convention": "", "commitment": ""}
    if any("{" in path for path in paths):
        someone.open("/conventions/")
        known["convention"] = someone.page.locator('main a[href^="/conventions/"]').first.get_attribute("href") or ""
        someone.open(f"{known['convention']}?part=ledger")
        known["commitment"] = someone.page.locator('main a[href^="/commitments/"]').first.get_attribute("href") or ""
    return [path.format(**known) for path in paths]


def faults(someone: Visitor, path: str) -> list[str]:
    """What is wrong with a page on a desk and on a phone, in the order that spares a change of size."""
    wrong = [] if (status := someone.open(path)) == 200 else [f"answers {status}"]
    someone.page.evaluate(AXE)
    for screen in sorted(SCREENS, key=lambda screen: screen != someone.page.viewport_size):
        someone.page.set_viewport_size(screen)  # type: ignore[arg-type]  # a TypedDict to Playwright
        width = someone.page.evaluate("document.documentElement.scrollWidth")
        if width > screen["width"]:
            wrong.append(f"{width} px wide on a screen of {screen['width']}")
        wrong += someone.page.evaluate(GRAVE)
    return wrong


@pytest.mark.parametrize(("language", "direction"), [("fr", "ltr"), ("ar", "rtl")])
def test_the_main_pages_when_three_roles_open_them_then_fit_every_screen_and_reader(
    visitor: Callable[..., Visitor], language: str, direction: str
) -> None:
    wrong: dict[str, list[str]] = {}
    for email, paths in ROLES.items():
        someone = visitor(**SCREENS[0])
        someone.sign_in(email)
        someone.choose_language(language)
        for path in addresses(someone, paths):
            found = faults(someone, path)
            root = someone.page.locator("html")
            if (root.get_attribute("lang"), root.get_attribute("dir")) != (language, direction):
                found.append("is in another language or direction")
            if found:
                wrong[f"{email} {path}"] = found
        if someone.complaints:
            wrong[f"{email} console"] = someone.complaints

    assert wrong == {}


def code_of(secret: str) -> str:
    """The six figures that an authenticator app shows now for this secret (RFC 6238)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
    start = digest[-1] & 15
    return f"{(int.from_bytes(digest[start : start + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06}"


def give_password(someone: Visitor) -> None:
    """The first step of sign-in."""
    someone.open("/accounts/login/")
    someone.page.fill("[name=login]", MEMBER)
    someone.page.fill("[name=password]", PASSWORD)
    someone.press("main form button.btn-primary")


def open_guarded(someone: Visitor, path: str) -> None:
    """Open a page that touches the account's security; the password is asked for again when it was not given just before."""
    assert someone.open(path) == 200
    if "/reauthenticate/" in someone.page.url:
        someone.page.fill("[name=password]", PASSWORD)
        someone.page.click("main form button.btn-primary")
        someone.page.wait_for_url(f"**{path}")


def give_code(someone: Visitor, code: str) -> None:
    """The second step of sign-in, by an app's code or a recovery code."""
    someone.page.wait_for_url("**/2fa/authenticate/**")
    someone.page.fill("[name=code]", code)
    someone.press("main form button.btn-primary")
    at_home(someone)


def at_home(someone: Visitor) -> None:
    """Signed in: the home page, with the account's own menu."""
    someone.page.wait_for_url(re.compile(r"^[^?]*//[^/]+/$"))
    assert someone.status("/profile/") == 200


def sign_out(someone: Visitor) -> None:
    """By the menu of the account."""
    someone.page.locator("header details.menu summary:visible").last.click()
    someone.press('header form[action="/accounts/logout/"] button')
    assert someone.status("/profile/") == 302


def plug_in_authenticator(someone: Visitor) -> None:
    """A device that holds passkeys and whose owner always agrees, made by the browser itself."""
    options: dict[str, Any] = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session = someone.context.new_cdp_session(someone.page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def test_an_account_when_secured_then_opens_by_code_recovery_code_and_passkey(visitor: Callable[..., Visitor]) -> None:
    someone = visitor()
    plug_in_authenticator(someone)
    give_password(someone)
    at_home(someone)

    open_guarded(someone, "/accounts/2fa/totp/activate/")
    secret = (someone.page.locator("main details code").text_content() or "").strip()
    someone.page.fill("[name=code]", code_of(secret))
    someone.press("main form button.btn-primary")
    recovery = someone.page.locator("#recovery_codes li").all_text_contents()
    assert len(set(recovery)) == 10

    sign_out(someone)
    give_password(someone)
    give_code(someone, code_of(secret))

    sign_out(someone)
    give_password(someone)
    give_code(someone, recovery[0])

    open_guarded(someone, "/accounts/2fa/webauthn/add/")
    someone.page.fill("[name=name]", "Téléphone")
    someone.page.check("[name=passwordless]")
    someone.page.click("#mfa_webauthn_add")
    someone.page.wait_for_url(re.compile(r"/2fa/(webauthn/|$)(?!add)"))
    assert someone.open("/accounts/2fa/webauthn/") == 200
    assert someone.page.locator("main .list-link strong").all_text_contents() == ["Téléphone"]

    sign_out(someone)
    someone.open("/accounts/login/")
    someone.page.click("#passkey_login")
    at_home(someone)
    assert someone.complaints == []
