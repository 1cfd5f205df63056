"""The page of the actions, rendered only: beside an f-string, and beside the same table written with tags in its loop."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from bench.clockwork import repeated
from bench.row import Row, Sample

if TYPE_CHECKING:
    from bench.stand import Stand

TIMES = 20
NAIVE = """{% extends "base.html" %}{% load i18n ui %}{% block content %}<table>{% for action in rows %}<tr>
<th scope="row"><a href="{% url 'partnership:action_detail' action.pk %}"><bdi>{{ action.title }}</bdi></a></th>
<td><bdi>{{ action.organisation }}</bdi></td><td><bdi>{{ action.axis.title }}</bdi></td>
<td>{{ action.due_on|date:"d/m/Y" }}{% if action.is_late %}<span class="badge">{% translate "Late" %}</span>{% endif %}</td>
<td><span class="badge">{{ action.get_status_display }}</span></td>
</tr>{% endfor %}</table>{% endblock %}"""


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


def usual(stand: Stand) -> Sample:
    """Tags, filters and translations in the loop."""
    from django.template import engines

    rows, template = _rows(), engines["django"].from_string(NAIVE)
    return repeated(lambda: template.render({"rows": rows}, _request()), times=TIMES, postmaster=stand.postmaster)


def ours(stand: Stand) -> Sample:
    """The portal's own page."""
    from django.template.loader import get_template

    from core.doors import ListPage
    from core.keyset import Page
    from partnership.filters import ActionFilter

    template, request = get_template("partnership/action_list.html"), _request()
    page: Any = ListPage(request, Page(rows=_rows(), next=None, previous=None))
    form = ActionFilter({}, user=request.user)
    context = {"filter": form, "board": None, "page": page, "query": "", "may_open": False, "filtered": False}
    html = template.render(context, request)
    if html.count("<tr>") < 50:
        raise AssertionError("the page does not show its rows")
    return repeated(lambda: template.render(context, request), times=TIMES, postmaster=stand.postmaster)


ROW = Row(
    name="html-list",
    title="Page of 50 actions, rendered, beside f-strings",
    floor=0.12,
    by="cpu",
    limit=limit,
    usual=usual,
    ours=ours,
    usual_floor=2,
    sizes="small",
    note="usual: url, translate and date in the loop",
)
