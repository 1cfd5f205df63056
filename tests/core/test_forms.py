"""Portal forms refuse clearly, come back with what was typed, and can be read by everybody."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
import structlog
import time_machine
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Invalid
from core.forms import NUL_REFUSED, FileInput, FilterForm, PortalForm, UploadField
from core.templatetags import ui


class Declaration(PortalForm):
    autocomplete = {"email": "email"}

    title = forms.CharField(label="Title", help_text="One sentence.")
    email = forms.EmailField(label="E-mail", required=False)
    due_on = forms.DateField(label="Due", required=False)
    axis = forms.ChoiceField(label="Axis", choices=[("a", "Product"), ("b", "Digital")], required=False)
    nature = forms.ChoiceField(label="Nature", choices=[("x", "Financial"), ("y", "Other")], widget=forms.RadioSelect, required=False)
    sure = forms.BooleanField(label="I am sure", required=False)


class Proof(PortalForm):
    file = UploadField(label="Proof", accept=(".pdf", ".xlsx"), max_bytes=10)


class Filter(FilterForm):
    axis = forms.ChoiceField(label="Axis", choices=[("", "All"), ("a", "Product")], required=False)
    state = forms.MultipleChoiceField(label="State", choices=[("late", "Late"), ("done", "Done")], required=False)
    due = forms.CharField(label="Due", required=False)


@pytest.fixture(autouse=True)
def _in_english() -> Any:
    with translation.override("en"):
        yield


def filled(**changes: str) -> Declaration:
    return Declaration({"title": "Share the calendar", "sure": "on", **changes})


# -- refusals
@pytest.mark.parametrize("field", ["title", "email", "due_on", "axis", "nature"])
def test_a_form_when_a_field_holds_a_nul_byte_says_so_beside_that_field(field: str) -> None:
    form = filled(**{field: "a\x00b"})

    assert form.errors == {field: [str(NUL_REFUSED)]}


@given(st.text())
def test_a_form_when_any_text_is_sent_never_accepts_a_nul_byte(text: str) -> None:
    form = filled(title=text)

    assert form.is_valid() == (bool(text.strip()) and "\x00" not in text)


def test_a_form_when_a_service_refuses_shows_the_sentence_beside_its_field() -> None:
    form = filled()
    assert form.is_valid()

    form.refuse(Invalid("The due day is past.", code="past", field="due_on"))

    assert form.errors.get_json_data() == {"due_on": [{"message": "The due day is past.", "code": "past"}]}


def test_a_form_when_a_service_refuses_something_it_does_not_ask_shows_it_at_the_top() -> None:
    form = filled()
    assert form.is_valid()

    form.refuse(Invalid("The convention is closed.", field="convention"))

    assert form.non_field_errors() == ["The convention is closed."]
    assert "The convention is closed." in form.render()


@pytest.mark.parametrize(
    ("name", "content", "refusal"),
    [
        ("proof.PDF", b"%PDF-", None),
        ("proof.pdf", b"%PDF-1.7 and more", "This file is too large: 10\xa0bytes at most."),
        ("proof.exe", b"MZ", "This kind of file is not accepted. Accepted: PDF, XLSX."),
        ("proof.pdf.exe", b"MZ", "This kind of file is not accepted. Accepted: PDF, XLSX."),
        ("proof.pdf", b"", "The submitted file is empty."),
    ],
)
def test_an_upload_when_its_kind_or_its_size_is_wrong_is_refused_with_the_reason(name: str, content: bytes, refusal: str | None) -> None:
    form = Proof({}, {"file": SimpleUploadedFile(name, content)})

    assert form.errors.get("file", []) == ([refusal] if refusal else [])


# -- what the page shows
def test_a_form_when_refused_comes_back_with_what_was_typed() -> None:
    html = filled(email="not an address", title="Quotas <b>&amp;</b>").render()

    assert 'value="Quotas &lt;b&gt;&amp;amp;&lt;/b&gt;"' in html
    assert 'value="not an address"' in html


def test_a_form_when_refused_links_each_error_to_its_field_and_ties_it_to_the_control() -> None:
    html = filled(title="", email="no").render()

    assert "2 things need your attention" in html
    assert '<a href="#id_title">Title</a>' in html
    assert '<a href="#id_email">E-mail</a>' in html
    assert 'aria-invalid="true" aria-describedby="id_title_helptext id_title_error" class="form-control is-invalid"' in html
    assert 'id="id_title_error"' in html
    assert 'id="id_title_helptext"' in html


def test_a_form_when_shown_gives_each_control_its_class_and_its_label() -> None:
    html = filled().render()

    assert 'class="form-select"' in html
    assert 'class="form-check-input"' in html
    assert 'type="date"' in html
    assert 'autocomplete="email"' in html
    assert '<legend class="form-label">Nature' in html
    for name in ("title", "email", "due_on", "axis", "sure"):
        assert f'for="id_{name}"' in html
    assert "form-field has-error" not in html
    assert "style=" not in html


def test_a_date_when_shown_in_french_travels_as_an_iso_date() -> None:
    with translation.override("fr"):
        html = str(Declaration(initial={"due_on": date(2026, 11, 23)})["due_on"])

    assert 'value="2026-11-23"' in html


def test_an_optional_field_when_shown_says_so_but_not_in_a_filter() -> None:
    assert Declaration()["email"].as_field_group().count("(optional)") == 1
    assert "(optional)" not in Declaration()["title"].as_field_group()
    assert "(optional)" not in Filter()["axis"].as_field_group()
    assert 'id="filter_axis"' in Filter()["axis"].as_field_group()


def test_a_file_control_when_shown_names_its_kinds_and_its_limit() -> None:
    html = Proof()["file"].as_field_group()

    assert 'accept=".pdf,.xlsx"' in html
    assert 'data-max-bytes="10"' in html
    assert "Accepted files: PDF, XLSX. 10\xa0bytes at most." in html
    assert isinstance(Proof().fields["file"].widget, FileInput)


def test_a_foreign_form_when_shown_by_ui_fields_has_the_portals_fields() -> None:
    class Foreign(forms.Form):
        code = forms.CharField(label="Code")
        token = forms.CharField(widget=forms.HiddenInput, required=False)

    form = Foreign({"code": ""})
    str(form["code"])  # a bound field of the other class is already cached

    html = ui.ui_fields(form)

    assert 'class="form-control is-invalid"' in html
    assert '<a href="#id_code">Code</a>' in html
    assert html.count('type="hidden"') == 1
    assert html.count('<label class="form-label"') == 1


# -- figures and days
@pytest.mark.parametrize(
    ("amount", "unit", "shown"),
    [
        (Decimal(1250000), "DH", "1\u202f250\u202f000\xa0DH"),
        (Decimal("980.5"), "DH", "980.50\xa0DH"),
        (Decimal(0), "DH", "0\xa0DH"),
        (Decimal(-1500), "DH", "-1\u202f500\xa0DH"),
        (Decimal(6100000000), "MMDH", "6.1\xa0MMDH"),
        (Decimal(1250000), "MDH", "1.3\xa0MDH"),
        (None, "DH", "—"),
        ("not a number", "DH", "—"),
    ],
)
def test_an_amount_when_shown_keeps_its_unit_and_unknown_is_never_zero(amount: Any, unit: str, shown: str) -> None:
    assert ui.dirhams(amount, unit) == shown


def test_an_amount_when_shown_in_a_page_is_isolated_from_the_direction_of_the_text() -> None:
    assert ui.money(Decimal(10)) == '<bdi class="money">10\xa0DH</bdi>'
    assert ui.money(None) == '<span aria-hidden="true">—</span><span class="visually-hidden">unknown</span>'


def test_an_instant_when_shown_as_a_day_is_casablancas_day() -> None:
    before_midnight_utc = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)  # 00:30 the next day there: UTC+1 in July 2026

    assert ui.civil_date(before_midnight_utc) == '<time datetime="2026-07-02">2 July 2026</time>'
    assert ui.civil_date(date(2026, 11, 23), "short") == '<time datetime="2026-11-23">23/11/2026</time>'


@pytest.mark.parametrize(
    ("at", "shown"),
    [
        (datetime(2026, 11, 23, 9, 0, tzinfo=UTC), ">3\xa0hours ago<"),
        (datetime(2026, 11, 23, 11, 59, 30, tzinfo=UTC), ">just now<"),
        (datetime(2026, 11, 25, 12, 0, tzinfo=UTC), ">in 2\xa0days<"),
    ],
)
def test_an_instant_when_shown_as_a_distance_says_how_far(at: datetime, shown: str) -> None:
    with time_machine.travel(datetime(2026, 11, 23, 12, 0, tzinfo=UTC), tick=False):
        assert shown in ui.since(at)


@pytest.mark.parametrize(
    ("name", "letters"), [("Fatima Zahra Alaoui", "FA"), ("FNIH", "FN"), ("محمد العلوي", "ما"), ("", "?"), ("— —", "?")]
)
def test_initials_when_a_name_is_short_long_or_empty_are_two_letters_or_a_mark(name: str, letters: str) -> None:
    assert ui.initials(name) == letters


def test_a_state_when_its_colour_is_unknown_is_grey_and_its_label_is_escaped() -> None:
    assert ui.state_badge("<b>", colour="pink") == '<span class="state state-grey">&lt;b&gt;</span>'
    assert ui.state_badge("late", label="Late", colour="red") == '<span class="state state-red">Late</span>'


def test_a_browser_when_it_names_its_ancestors_too_is_recognised() -> None:
    edge = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36 Edg/130.0"

    assert ui.device(edge) == "Edge · Windows"
    assert ui.device("curl/8") == "Unknown device"


# -- lists
def test_active_filters_when_shown_can_each_be_removed_and_forget_the_page() -> None:
    request = RequestFactory().get("/actions/?axis=a&state=late&state=done&cursor=abc&due_min=2026-01-01&other=1")
    form = Filter(request.GET)

    chips = ui.filter_chips(Context({"request": request}), form)

    assert [tuple(chip) for chip in chips] == [
        ("Axis", "Product", "?state=late&state=done&due_min=2026-01-01&other=1"),
        ("State", "Late", "?axis=a&state=done&due_min=2026-01-01&other=1"),
        ("State", "Done", "?axis=a&state=late&due_min=2026-01-01&other=1"),
        ("Due", "2026-01-01", "?axis=a&state=late&state=done&other=1"),
    ]


def test_a_ledger_bar_when_drawn_puts_both_parties_on_one_scale() -> None:
    blocks = ui.ledger_blocks(
        [{"value": 3, "colour": "green", "label": "Confirmed"}, {"value": 1, "colour": "red", "label": "Late"}],
        [{"value": 2, "colour": "green", "label": "Confirmed"}, {"value": 0, "colour": "red", "label": "Late"}],
    )

    assert [tuple(block) for block in blocks] == [
        ("25.000", "75.000", "green"),
        ("0.000", "25.000", "red"),
        ("100.000", "50.000", "green"),
    ]
    assert ui.ledger_blocks([], []) == []


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
@pytest.mark.parametrize("page", ["400", "403", "403_csrf", "404", "429", "500"])
def test_an_error_page_when_nothing_else_works_shows_without_a_request(page: str, language: str) -> None:
    with translation.override(language):
        html = Template(f'{{% extends "{page}.html" %}}').render(Context())

    assert f'<html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}">' in html
    assert "<h1>" in html


def test_an_error_page_when_the_request_has_an_id_gives_it_as_the_reference() -> None:
    with structlog.contextvars.bound_contextvars(request_id="0193-abc"):
        html = Template('{% extends "500.html" %}').render(Context())

    assert "<code>0193-abc</code>" in html


def test_the_page_frame_when_rendered_keeps_scripts_and_styles_in_files() -> None:
    html = Template('{% extends "public.html" %}{% block title %}T{% endblock %}').render(
        Context({"request": RequestFactory().get("/"), "nav": (), "messages": ()})
    )

    assert "<style" not in html
    assert "style=" not in html
    assert [part.split(">")[0] for part in html.split("<script")[1:] if " src=" not in part.split(">")[0]] == []
    settings = json.loads(html.split("content='")[1].split("'")[0])
    assert (settings["allowEval"], settings["selfRequestsOnly"], settings["historyCacheSize"]) == (False, True, 0)
