"""The bytes of a mail: what any reader of mails decodes is what was written, whatever the text, and nothing becomes a header."""

from __future__ import annotations

import email
from datetime import UTC, datetime
from email import policy
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.mail.letter import Letter
from core.mail.render import one_line

if TYPE_CHECKING:
    from email.message import EmailMessage

HEADERS = [
    "From", "To", "Subject", "Date", "Message-ID", "X-Entity-Ref-ID", "Auto-Submitted", "Content-Language", "MIME-Version", "Content-Type",
]  # fmt: skip
# What a form lets through: no control character, no lone surrogate.
TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp", "Zs"), include_characters=" "), max_size=150)


def read(subject: str, name: str, address: str = "salma@example.ma") -> EmailMessage:
    letter = Letter("<1@portail.example>", address, name, subject, "Corps\n", "<p>Corps</p>", "fr", datetime(2026, 11, 25, tzinfo=UTC))
    content = letter.as_bytes()
    assert max(len(line) for line in content.split(b"\r\n")) <= 998
    message: EmailMessage = email.message_from_bytes(content, policy=policy.default)
    return message


@given(subject=TEXT.map(one_line).filter(bool))
@example(subject="Rappel n° 7")
@example(subject="تذكير: الالتزام رقم 3")
@example(subject="=?utf-8?q?piege?=")
@example(subject="A" * 58 + "é")
@example(subject="Plain words, with a comma (and these): 1/2")
def test_a_subject_when_read_by_another_program_then_is_what_was_written(subject: str) -> None:
    message = read(subject, "")
    assert message.keys() == HEADERS
    assert one_line(message["Subject"]) == subject


@given(name=TEXT.map(lambda text: one_line(text, 100)))
@example(name='Salma "la cheffe" El Amrani, ONMT')
@example(name="سلمى العمراني")
@example(name="Bcc: autre@example.ma")
def test_a_name_when_read_by_another_program_then_stands_before_one_address(name: str) -> None:
    message = read("Rappel", name)
    assert message.keys() == HEADERS
    [to] = message["To"].addresses
    # Between two encoded words of a long name, Python's own reader leaves the blank that only parts them.
    assert (to.addr_spec, to.display_name.replace(" ", "")) == ("salma@example.ma", name.replace(" ", ""))


@pytest.mark.parametrize("address", ["o'brien+portail@example.ma", "salma@xn--e1afmkfd.example"])
def test_an_address_when_it_is_odd_but_right_then_arrives_whole(address: str) -> None:
    [to] = read("Rappel", "Salma", address)["To"].addresses
    assert to.addr_spec == address
