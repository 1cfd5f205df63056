"""The beat schedule. Each tick computes what is due from rows, so a tick may be missed or run twice without harm."""

from typing import Any

SCHEDULE: dict[str, dict[str, Any]] = {
    "sweep-outbox": {"task": "core.tasks.sweep_outbox", "schedule": 30.0, "options": {"expires": 60}},
    "sweep-events": {"task": "core.tasks.sweep_events", "schedule": 30.0, "options": {"expires": 60}},
    "sweep-jobs": {"task": "core.tasks.sweep_jobs", "schedule": 30.0, "options": {"expires": 60}},
    "heartbeat": {"task": "core.tasks.heartbeat", "schedule": 30.0, "options": {"expires": 60}},
    "find-reminders": {"task": "core.tasks.find_reminders", "schedule": 300.0, "options": {"expires": 600}},
    "retain": {"task": "core.tasks.retain", "schedule": 3600.0, "options": {"expires": 3600}},
    "roll-partnership": {"task": "partnership.tasks.daily_round", "schedule": 300.0, "options": {"expires": 600}},
}
