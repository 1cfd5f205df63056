"""What a list shows of its rows is made once for each distinct value, and is what the tags would have made."""

from __future__ import annotations

import itertools
from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from django.template import Context, Template
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from core.shown import Shown
from partnership.choices import ActionStatus


def by_tags(text: str, **facts: object) -> str:
    return str(Template("{% load i18n ui %}" + text).render(Context(facts)))


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
def test_what_is_shown_when_made_beforehand_then_is_what_the_tags_make(language: str) -> None:
    day = date(2026, 2, 3)
    with override(language):
        shown = Shown()
        for state in (*ActionStatus, *ActionStatus):
            assert shown.badge(state) == by_tags("{% state_badge state %}", state=state)
        assert shown.badge("x", "<b>", "mauve") == by_tags("{% state_badge 'x' label=label colour='mauve' %}", label="<b>")
        for style in ("short", "long"):
            assert shown.day(day, style) == by_tags("{{ day|civil_date:style }}", day=day, style=style)
        assert shown.money(Decimal("1250000.50")) == by_tags("{{ amount|money }}", amount=Decimal("1250000.50"))
        written = by_tags('{% blocktranslate trimmed with start=day|civil_date:"short" %}since {{ start }}{% endblocktranslate %}', day=day)
        assert shown.sentence(_("since %(start)s"), day) == written


def test_an_address_when_made_for_many_rows_then_is_resolved_once_and_right_for_each() -> None:
    shown, one, other = Shown(), uuid4(), uuid4()
    assert [shown.url("partnership:organisation_act", pk, "vouch") for pk in (one, other)] == [
        reverse("partnership:organisation_act", args=[pk, "vouch"]) for pk in (one, other)
    ]


def test_a_component_when_shown_then_escapes_what_it_is_given() -> None:
    html = Shown().component("progress", value=40, max=100, label="<Avancement>")
    assert 'value="40"' in html
    assert "&lt;Avancement&gt;" in html
    assert "<Avancement>" not in html


def test_a_value_when_many_rows_share_it_then_is_made_once() -> None:
    shown, numbers = Shown(), itertools.count(1)
    assert [shown.once(key, lambda: next(numbers)) for key in ("a", "b", "a")] == [1, 2, 1]
