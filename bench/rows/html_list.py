"""The page of the actions, rendered only: beside an f-string, and beside the same page written with tags in its loop."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING, Any

from bench.clockwork import ROOT, repeated
from bench.row import Row, Sample

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.stand import Stand

TIMES = 20
# The same rows as most projects write them: every tag, filter and component in the loop.
LOOP = """{% for action in page.rows %}<tr>
        <th scope="row"><a href="{% url 'partnership:action_detail' action.pk %}"><bdi>{{ action.title }}</bdi></a></th>
        <td data-label="{{ c2 }}"><bdi>{{ action.organisation }}</bdi></td>
        <td data-label="{{ c3 }}"><bdi>{{ action.axis.title }}</bdi></td>
        <td data-label="{{ c4 }}"><span class="cluster">{{ action.due_on|civil_date:"short" }}\
{% if action.is_late %}{% translate "Late" as late %}{% state_badge "late" label=late colour="red" %}{% endif %}</span></td>
        <td data-label="{{ c5 }}">{% state_badge action.state %}</td>
      </tr>{% endfor %}"""


def _rows() -> list[Any]:
    from partnership.models import Action

    return list(Action.objects.select_related("axis", "organisation", "responsible").order_by("due_on", "id")[:50])


def _request() -> Any:
    from django.contrib.auth.models import AnonymousUser
    from django.test import RequestFactory

    request: Any = RequestFactory().get("/actions/")
    request.user = AnonymousUser()
    request.mandates, request.mandate, request.htmx = (), None, False
    request.session = {}
    return request


def limit(stand: Stand) -> Sample:
    """One f-string a row, inside nothing."""
    rows = _rows()

    def render() -> str:
        return "".join(
            f'<tr><th scope="row"><a href="/actions/{row.pk}/"><bdi>{escape(row.title)}</bdi></a></th>'
            f"<td><bdi>{escape(str(row.organisation))}</bdi></td><td><bdi>{escape(row.axis.title)}</bdi></td>"
            f"<td>{row.due_on:%d/%m/%Y}</td><td>{escape(row.get_status_display())}</td></tr>"
            for row in rows
        )

    return repeated(render, times=TIMES, postmaster=stand.postmaster)


def _context(request: Any, rows: list[Any]) -> dict[str, Any]:
    from core.doors import ListPage
    from core.keyset import Page
    from partnership.filters import ActionFilter

    page = ListPage(request, Page(rows=rows, next=None, previous=None), rows)
    # The filters' form is the same work in both, with questions of its own to the database: it is left out of both.
    form = ActionFilter({}, user=request.user)
    form.fields.clear()
    return {"filter": form, "board": None, "page": page, "query": "", "may_open": False, "filtered": False}


def _usual_page() -> Callable[[], str]:
    """The portal's page, its loop written with tags."""
    from django.template import engines
    from django_cotton.compiler_regex import CottonCompiler

    source = (ROOT / "templates" / "partnership" / "action_list.html").read_text(encoding="utf-8")
    before, _start, after = source.partition("{% for row in page.rows %}")
    written = before + LOOP + after.partition("{% endfor %}")[2]
    template, request = engines["django"].from_string(CottonCompiler().process(written)), _request()
    context = _context(request, _rows())
    return lambda: str(template.render(context, request))


def _our_page() -> Callable[[], str]:
    """The portal's page, its rows prepared as its view does."""
    from django.template.loader import get_template

    from partnership.views.rows import action_rows

    template, request, rows = get_template("partnership/action_list.html"), _request(), _rows()
    context = _context(request, [])

    def render() -> str:
        context["page"].rows = action_rows(rows)
        return str(template.render(context, request))

    return render


def check(stand: Stand) -> None:
    """Both ways give the same page, with its rows."""
    token = re.compile(r'(csrfmiddlewaretoken" value="|X-CSRFToken": ")\w+')
    pages = [token.sub("", page()) for page in (_usual_page(), _our_page())]
    if pages[0] != pages[1]:
        raise AssertionError("the pages differ")
    if pages[1].count("<tr>") < 50:
        raise AssertionError("the page does not show its rows")


def usual(stand: Stand) -> Sample:
    """Tags, filters and translations in the loop."""
    return repeated(_usual_page(), times=TIMES, postmaster=stand.postmaster)


def ours(stand: Stand) -> Sample:
    """The portal's own page."""
    return repeated(_our_page(), times=TIMES, postmaster=stand.postmaster)


ROW = Row(
    name="html-list",
    title="Page of 50 actions, rendered, beside f-strings",
    floor=0.12,
    by="cpu",
    limit=limit,
    usual=usual,
    ours=ours,
    check=check,
    usual_floor=2,
    sizes="small",
    note="usual: url, translate, date and badge in the loop; without the filters' form, alike in both",
)
