"""The portal's own Celery application at the pace of the faults: what `celery --app tests.faults.worker` runs."""

from __future__ import annotations

import django

from config.celery import app
from tests.faults import pace

django.setup()
pace.quicken()
app.conf.beat_schedule = pace.quickened(dict(app.conf.beat_schedule))
app.conf.beat_max_loop_interval = 1
