"""The Celery application. Tasks take ids only; PostgreSQL holds the truth, the broker only rings a bell."""

import logging.config
import os
from typing import Any

from celery import Celery, signals
from django_structlog.celery.steps import DjangoStructLogInitStep

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.steps["worker"].add(DjangoStructLogInitStep)
app.autodiscover_tasks()


@signals.setup_logging.connect  # type: ignore[untyped-decorator]
def _log_as_the_portal_does(**_kwargs: Any) -> None:
    """One JSON object a line, in the worker and in beat too; a process that serves needs a database named."""
    from django.conf import settings

    from config import environment

    environment.require_database()
    logging.config.dictConfig(settings.LOGGING)


@signals.beat_init.connect  # type: ignore[untyped-decorator]
def _beat_at_once(**_kwargs: Any) -> None:
    """Beat proves itself as soon as it starts, instead of half a minute later."""
    try:
        app.send_task("core.tasks.heartbeat")
    except Exception:
        logging.getLogger(__name__).warning("heartbeat_not_sent", exc_info=True)
