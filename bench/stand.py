"""The stand: PostgreSQL, Valkey and the servers compared, in a temporary folder, filled with synthetic volume."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.clockwork import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TOKEN = "bench-token"  # noqa: S105 - of a database that lives as long as the run


@dataclass
class Stand:
    """What the rows measure on."""

    folder: Path
    postmaster: int
    seconds: float  # of load for one sample
    scale: float = 0.0
    ports: dict[str, int] = field(default_factory=dict)
    pids: dict[str, int] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    organisation: Any = None

    def file(self, name: str) -> Path:
        """A file of the run."""
        return self.folder / name

    def fill(self, scale: float, say: Callable[[str], None]) -> None:
        """Add synthetic volume up to `scale`, leave the table in order for its queries."""
        from django.db import connection

        from partnership.demo.volume import populate

        populate(scale=scale, history=False, say=say)
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
        self.scale = scale


@contextmanager
def standing(*, seconds: float) -> Iterator[Stand]:
    """Start everything; stop and delete everything at the end."""
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="portal-bench-"))
        folder.chmod(0o755)
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        for name in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "ALLOWED_HOSTS", "EMAIL_URL"):
            os.environ.pop(name, None)
        os.environ |= {"PORTAL_MODE": "local", "PORTAL_VAR": str(folder), "DJANGO_SETTINGS_MODULE": "bench.settings", "LOG_LEVEL": "INFO"}
        from config.embedded import postgres, valkey

        os.environ["DATABASE_URL"] = stack.enter_context(postgres(folder / "postgres"))
        os.environ["REDIS_URL"] = stack.enter_context(valkey(None))
        postmaster = int((folder / "postgres" / "postmaster.pid").read_text(encoding="ascii").splitlines()[0])
        _migrate("bench.settings")
        _migrate("bench.usual_settings", "authtoken")
        import django

        django.setup()
        stand = Stand(folder, postmaster, seconds)
        from django.db import connection

        stack.callback(connection.close)
        _callers(stand)
        _serve(stand, stack)
        yield stand


def _migrate(settings: str, *apps: str) -> None:
    command = [sys.executable, "manage.py", "migrate", "--verbosity=0", "--skip-checks", *apps]
    subprocess.run(command, cwd=ROOT, env=os.environ | {"DJANGO_SETTINGS_MODULE": settings}, check=True, timeout=300)  # noqa: S603 - ours


def _callers(stand: Stand) -> None:
    """The confederation's program with a token of the portal, and a person of it with a token of REST framework."""
    import logging

    from allauth.idp.oidc.models import Client, Token
    from django.db import connection

    from accounts.models import User
    from core import clock
    from core.actors import SYSTEM
    from partnership.choices import SCOPES
    from partnership.models import ApiClient, Mandate, Organisation, Person
    from partnership.services.reference import load_reference

    logging.disable(logging.INFO)
    load_reference(by=SYSTEM)
    stand.organisation = Organisation.objects.get(kind="confederation", is_demo=False)
    client = Client(name="bench", type=Client.Type.CONFIDENTIAL)
    client.set_secret(TOKEN)
    client.save()
    ApiClient.objects.create(organisation=stand.organisation, client=client, label="bench", expires_on=clock.today() + timedelta(days=9))
    token = Token(type=Token.Type.ACCESS_TOKEN, client=client, expires_at=clock.now() + timedelta(days=1))
    token.set_value(TOKEN)
    token.set_scopes(list(SCOPES))
    token.save()
    user = User.objects.create(email="bench@volume.invalid", full_name="Bench")
    person = Person.objects.create(user=user, full_name="Bench", email=user.email)
    Mandate.objects.create(person=person, organisation=stand.organisation, role="reader", starts_on=clock.today() - timedelta(days=9))
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO authtoken_token (key, created, user_id) VALUES (%s, now(), %s)", [TOKEN, user.pk])
    stand.tokens = {"limit": f"Bearer {TOKEN}", "ours": f"Bearer {TOKEN}", "usual": f"Token {TOKEN}"}


def _serve(stand: Stand, stack: ExitStack) -> None:
    """The bare function, the usual way and the portal, by the same command."""
    for name, settings, application in (
        ("limit", "bench.settings", "bench.bare:application"),
        ("usual", "bench.usual_settings", "config.wsgi"),
        ("ours", "bench.settings", "config.wsgi"),
    ):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
        log = stack.enter_context((stand.folder / f"{name}.log").open("wb"))
        process = subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-m", "gunicorn", "-c", "config/gunicorn.py", application],
            cwd=ROOT, env=os.environ | {"DJANGO_SETTINGS_MODULE": settings, "BIND": f"127.0.0.1:{port}", "PORT": str(port)},
            stdout=log, stderr=log,
        )  # fmt: skip
        stack.callback(_end, process)
        stand.ports[name], stand.pids[name] = port, process.pid
    for name, port in stand.ports.items():
        _wait(stand, name, port)


def _wait(stand: Stand, name: str, port: int) -> None:
    limit = time.monotonic() + 60
    while time.monotonic() < limit:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"{name} did not start:\n{(stand.folder / f'{name}.log').read_text()[-2000:]}")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
