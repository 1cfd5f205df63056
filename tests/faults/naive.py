"""The usual way, kept as a negative control: note « sent », then ring; the broker holds what is left to do.

The checker must find losses or copies here. Were it content, it would see nothing in the portal's own history either.
"""

from __future__ import annotations

import os
import smtplib
from contextlib import closing
from email.message import EmailMessage
from email.utils import make_msgid
from urllib.parse import urlsplit

import psycopg2
from celery import Celery

TABLE = "CREATE TABLE faults_naive (marker text PRIMARY KEY, address text NOT NULL, flagged boolean NOT NULL DEFAULT false)"

app = Celery("naive", broker=os.environ.get("REDIS_URL"))
app.conf.update(task_ignore_result=True, broker_connection_retry_on_startup=True, beat_max_loop_interval=1)
app.conf.beat_schedule = {"scan": {"task": "tests.faults.naive.scan", "schedule": 2.0}}


@app.task
def scan() -> None:
    """Every tick: flag what is not yet flagged, one row after another, and put one message a row on the broker."""
    with closing(psycopg2.connect(os.environ["DATABASE_URL"])) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SELECT marker, address FROM faults_naive WHERE NOT flagged ORDER BY marker")
            for marker, address in cursor.fetchall():
                cursor.execute("UPDATE faults_naive SET flagged = true WHERE marker = %s", [marker])
                send.delay(marker, address)


@app.task
def send(marker: str, address: str) -> None:
    """One mail; its Message-ID is made when it leaves, as mail libraries do."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"], mail["Message-ID"] = "portail@localhost", address, marker, make_msgid(domain="naive.example")
    mail.set_content(f"Rappel {marker}")
    place = urlsplit(os.environ["EMAIL_URL"])
    with smtplib.SMTP(str(place.hostname), int(place.port or 25), timeout=5) as server:
        server.send_message(mail)
