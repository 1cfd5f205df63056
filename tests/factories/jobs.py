"""A kind of background job for the tests, that goes wrong as it is told."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core import jobs
from core.errors import Invalid, Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.actors import Actor
    from core.models import Job
    from core.progress import Progress


class Greeting:
    """A kind of job for the tests: writes a greeting; its parameters say how it goes wrong."""

    kind = "greeting"

    def clean(self, params: Mapping[str, Any], *, by: Actor) -> dict[str, Any]:
        if "name" not in params:
            raise Invalid("a name is needed", field="name")
        return dict(params)

    def may_request(self, user: Actor, params: Mapping[str, Any]) -> bool:
        return user.is_active and not Path(params.get("forbidden_when", "/nonexistent")).exists()

    def run(self, job: Job, *, by: Actor, draft: Path, progress: Progress) -> jobs.Made:
        progress(10, "begun")
        if beside := job.params.get("started"):
            Path(beside).write_text("started")
        time.sleep(job.params.get("seconds", 0))
        if job.params.get("refused"):
            raise Refusal("nothing to greet")
        if job.params.get("breaks", 0) >= job.attempts:
            raise RuntimeError("broken")
        progress(90, "nearly")
        draft.write_text(f"Hello {job.params['name']}, attempt {job.attempts}")
        return jobs.Made(filename="hello.csv", media_type="text/csv", suffix=".csv")

    def delivered(self, job: Job) -> None:
        if beside := job.params.get("delivered"):
            with Path(beside).open("a") as stream:
                stream.write("once\n")


KINDS = (Greeting(),)


def ask(user: Any, **params: Any) -> Job:
    return jobs.request_job(kind="greeting", params={"name": "Amina"} | params, by=user)
