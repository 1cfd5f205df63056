"""What the middlewares and a partner's token cost, as a share of the list's own processor time."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING, Any

from bench.clockwork import repeated
from bench.row import Row, Sample
from bench.stand import TOKEN

if TYPE_CHECKING:
    from bench.stand import Stand

TIMES = 60


def call(handler: Any, path: str, *, token: str = "") -> int:
    """One request through a WSGI handler, in this process; its status."""
    environ = {
        "REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": "", "SERVER_NAME": "localhost", "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": "localhost", "REMOTE_ADDR": "127.0.0.1", "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr, "wsgi.url_scheme": "http", "wsgi.version": (1, 0), "wsgi.multithread": False,
        "wsgi.multiprocess": False, "wsgi.run_once": False,
    }  # fmt: skip
    if token:
        environ["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    statuses: list[str] = []
    answer = handler(environ, lambda status, _headers: statuses.append(status))
    b"".join(answer)
    return int(statuses[0].split()[0])


def _handler(*, middlewares: bool) -> Any:
    from django.core.handlers.wsgi import WSGIHandler
    from django.test import override_settings

    if middlewares:
        return WSGIHandler()
    with override_settings(MIDDLEWARE=[]):
        return WSGIHandler()


def the_list(stand: Stand) -> Sample:
    """The whole list of 50, in this process."""
    handler = _handler(middlewares=True)
    return repeated(lambda: _ok(call(handler, "/api/v1/actions/", token=TOKEN)), times=TIMES, postmaster=stand.postmaster)


def around_a_view(stand: Stand) -> Sample:
    """The cost of the middlewares around the smallest view, and of finding who a token stands for."""
    from django.http import HttpRequest
    from rest_framework.request import Request

    from core.api.authentication import PartnerToken

    full, none = _handler(middlewares=True), _handler(middlewares=False)
    with_all = repeated(lambda: _ok(call(full, "/health/live")), times=TIMES, postmaster=stand.postmaster)
    without = repeated(lambda: _ok(call(none, "/health/live")), times=TIMES, postmaster=stand.postmaster)
    request = HttpRequest()
    request.META["HTTP_AUTHORIZATION"] = f"Bearer {TOKEN}"
    caller = repeated(lambda: PartnerToken().authenticate(Request(request)), times=TIMES, postmaster=stand.postmaster)
    cpu = max(0.0, with_all.cpu_app_ms - without.cpu_app_ms) + caller.cpu_app_ms
    return Sample(max(0.0, with_all.seconds - without.seconds) + caller.seconds, cpu)


def _ok(status: int) -> None:
    if status != 200:
        raise AssertionError(f"status {status}")


def _app_alone(stand: Stand) -> Sample:
    whole = the_list(stand)
    return Sample(whole.seconds, whole.cpu_app_ms)


ROW = Row(
    name="middleware",
    title="All middlewares and the token, beside the list's own CPU",
    floor=0.35,
    figure="cost",
    by="cpu",
    limit=_app_alone,
    ours=around_a_view,
    sizes="small",
    note="processor time of the application alone",
)
