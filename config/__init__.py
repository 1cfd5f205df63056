"""The fuse box: settings, addresses, the API router, the beat schedule.

Civil time comes from the pinned `tzdata` package, never from the machine: Morocco left UTC+1 on 2026-09-20
and an operating system's own tables may not know. This must happen before anything asks for a time zone.
"""

import zoneinfo

zoneinfo.reset_tzpath(to=[])

from config.celery import app as celery_app  # noqa: E402  (the reset above must come first)

__all__ = ["celery_app"]
