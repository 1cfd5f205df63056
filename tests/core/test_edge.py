"""What every request passes at the edge: an id, and the refusal of what no text contains."""

from __future__ import annotations

import json
import logging
import re
from io import StringIO
from typing import TYPE_CHECKING

import pytest
from django.conf import settings as configured
from django.test import Client

if TYPE_CHECKING:
    from pytest_django.fixtures import Settings

UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def test_a_request_when_it_brings_no_id_then_is_given_one(client: Client) -> None:
    first, second = (client.get("/health/live")["X-Request-ID"] for _ in range(2))

    assert UUID7.fullmatch(first)
    assert first != second


def test_a_request_when_its_proxy_gave_an_id_then_keeps_it(client: Client) -> None:
    assert client.get("/health/live", headers={"X-Request-ID": "proxy-0123456789"})["X-Request-ID"] == "proxy-0123456789"


@pytest.mark.parametrize("forged", ["short", "a" * 65, "0123456789\\n", 'x"}{"level":"info', "0123 56789", "é" * 12])
def test_a_request_when_its_id_is_forged_then_is_given_another(client: Client, forged: str) -> None:
    assert UUID7.fullmatch(client.get("/health/live", headers={"X-Request-ID": forged})["X-Request-ID"])


def test_a_refused_request_when_answered_then_carries_its_id_too(client: Client) -> None:
    assert UUID7.fullmatch(client.get("/health/live?x=%00")["X-Request-ID"])


@pytest.mark.parametrize("path", ["/health/live?x=%00", "/health/live?x=a%00b", "/health/%00live", "/%ed%a0%80/", "/health/live?%00=x"])
def test_an_address_when_it_holds_what_no_text_contains_then_is_refused(client: Client, path: str) -> None:
    assert client.get(path).status_code in {400, 404}
    assert "%00" not in path or client.get(path).status_code == 400


@pytest.mark.parametrize("cookie", ["sessionid=a\x00b", 'sessionid="a\\000b"'])
def test_a_cookie_when_it_holds_a_nul_then_is_refused(cookie: str) -> None:
    assert Client(HTTP_COOKIE=cookie).get("/health/live").status_code == 400


@pytest.mark.django_db
@pytest.mark.parametrize("charset", ["rot13", "utf-7", "latin-1", "../x"])
@pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_a_body_when_its_charset_is_not_ours_then_is_refused_before_it_is_read(client: Client, charset: str, kind: str) -> None:
    page = client.generic("POST", "/accounts/login/", b"a=%ff", content_type=f"{kind}; charset={charset}")
    api = client.generic("POST", "/api/token/", b"a=%ff", content_type=f"{kind}; charset={charset}")
    good = client.generic("POST", "/api/v1/regions/", b"{}", content_type=f"{kind}; charset=UTF8")

    assert (page.status_code, api.status_code, api.json()["code"]) == (415, 415, "bad_charset")
    assert good.status_code != 415 or good.json()["code"] != "bad_charset"


def test_a_request_when_logged_then_is_one_json_line_with_its_id(client: Client) -> None:
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        logging.getLogger().handlers[0].formatter or next(h.formatter for h in logging.getLogger().handlers if h.formatter)
    )
    root = logging.getLogger("django_structlog")
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    try:
        client.get("/health/live", headers={"X-Request-ID": "proxy-0123456789"})
    finally:
        root.removeHandler(handler)
        root.setLevel(logging.NOTSET)

    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [line["request_id"] for line in lines] == ["proxy-0123456789"] * len(lines)
    assert [line["event"] for line in lines] == ["request_started", "request_finished"]
    assert lines[-1]["timestamp"].endswith("Z")


def test_a_page_when_answered_then_forbids_what_is_not_ours(client: Client) -> None:
    answer = client.get("/health/live")

    policy = dict(part.strip().split(" ", 1) for part in answer["Content-Security-Policy"].split(";"))
    assert (policy["default-src"], policy["script-src"], policy["style-src"]) == ("'none'", "'self'", "'self'")
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert (answer["X-Content-Type-Options"], answer["X-Frame-Options"]) == ("nosniff", "DENY")
    assert (answer["Referrer-Policy"], answer["Cross-Origin-Opener-Policy"]) == ("same-origin", "same-origin")


def test_the_guards_when_listed_then_the_first_ones_see_every_request() -> None:
    assert configured.MIDDLEWARE[:4] == [
        "core.metrics.RequestMetrics",
        "core.middleware.RequestId",
        "core.middleware.BehindTheWall",
        "core.middleware.EdgeGuard",
    ]


@pytest.mark.django_db
def test_the_demos_mail_page_when_outside_the_demo_then_does_not_exist(client: Client) -> None:
    assert [client.get(path).status_code for path in ("/demo/mails/", "/demo/mails/x-0/")] == [404, 404]


MAIL = (
    "From: a@example.ma\nTo: b@example.ma\nSubject: =?utf-8?b?RMOpY2xhcsOp?=\nDate: Mon, 23 Nov 2026 10:00:00 +0000\n"
    'MIME-Version: 1.0\nContent-Type: multipart/alternative; boundary="=_1"\n\n--=_1\nContent-Type: text/plain; charset="utf-8"\n\n'
    'Bonjour <script>alert(1)</script>\n--=_1\nContent-Type: text/html; charset="utf-8"\n\n<p onclick="x()">Bonjour</p>\n--=_1--\n'
)


@pytest.mark.django_db
def test_the_demos_mail_page_when_in_the_demo_then_shows_what_left(client: Client, settings: Settings, tmp_path: object) -> None:
    from pathlib import Path

    folder = Path(str(tmp_path)) / "mail"
    folder.mkdir()
    (folder / "20261123-100000-1.log").write_text(MAIL + "-" * 79 + "\n" + MAIL.replace("b@", "c@") + "-" * 79 + "\n", encoding="utf-8")
    settings.DEMO = True
    settings.EMAIL_FILE_PATH = str(folder)

    page = client.get("/demo/mails/").content.decode()
    html = client.get("/demo/mails/20261123-100000-1-1/")

    assert page.index("c@example.ma") < page.index("b@example.ma")
    assert "Déclaré" in page
    assert "&lt;script&gt;" in page
    assert "<script>alert" not in page
    assert "sandbox" in html["Content-Security-Policy"]
    assert "script-src" not in html["Content-Security-Policy"]
    assert "default-src 'none'" in html["Content-Security-Policy"]
    assert client.get("/demo/mails/..%2f..%2fsettings-0/").status_code == 404
