"""State buttons and acts on many rows, made from the noun's table of acts (core.acts)."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial, update_wrapper
from inspect import signature
from typing import TYPE_CHECKING, Any, Final

from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.dateparse import parse_datetime
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from structlog.contextvars import get_contextvars

from core.acts import find_act, offers, possible_acts
from core.admin.forms import dress
from core.doors import attempt
from core.errors import Refusal, Stale

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from uuid import UUID

    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse
    from django.utils.functional import _StrOrPromise

    from core.acts import Act

# More would keep the page waiting, and nobody reads the list before confirming.
BULK_LIMIT: Final = 100


@dataclass
class Row:
    """One row of an act on many: whether it can be done, and what came of it."""

    obj: Any
    url: str
    possible: bool
    done: bool = False
    sentence: _StrOrPromise = ""
    extra: dict[str, Any] = field(default_factory=dict)


class ActsMixin:
    """Acts of a noun: one button per act allowed now, each with its confirmation page; some also on many rows at once."""

    acts: Sequence[Act] = ()
    act_table: Mapping[str, frozenset[str]] = {}
    bulk_acts: Sequence[str] = ()
    # What the acts' rights and pages read of a row, joined when it is loaded.
    act_related: Sequence[str] = ()

    # -- what is possible ----------------------------------------------------------------------------------------------
    def possible(self, user: Any, obj: Any) -> list[Act]:
        """The acts that the object's state allows and this user may do."""
        return possible_acts(self.acts, user=user, obj=obj, table=self.act_table)

    def may_act(self, user: Any) -> bool:
        """Whether acts on many rows are offered to this user at all; each row is then judged by itself."""
        return False

    def offered_acts(self, request: HttpRequest, obj: Any) -> list[dict[str, Any]]:
        """The buttons of the object's page."""
        return [{"act": act, "url": self.act_url(obj, act.slug)} for act in self.possible(request.user, obj)]

    def act_url(self, obj: Any, slug: str) -> str:
        """The address of an act's confirmation page."""
        return reverse(f"admin:{self._base}_act", args=[quote(obj.pk), slug])

    def page_url(self, obj: Any) -> str:
        """The address of an object's page."""
        return reverse(f"admin:{self._base}_change", args=[quote(obj.pk)])

    @property
    def _base(self) -> str:
        meta = self.model._meta  # type: ignore[attr-defined]
        return f"{meta.app_label}_{meta.model_name}"

    # -- addresses -----------------------------------------------------------------------------------------------------
    def get_urls(self) -> list[Any]:
        """Those of the acts stand before the theme's."""
        site = self.admin_site  # type: ignore[attr-defined]

        def guarded(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
            def wrapper(*args: Any, **kwargs: Any) -> HttpResponse:
                answer: HttpResponse = site.admin_view(view)(*args, **kwargs)
                return answer

            return offers(self.acts)(update_wrapper(wrapper, view))

        own = [
            path("acts/<slug:slug>/", guarded(self.bulk_view), name=f"{self._base}_bulk"),
            path("<path:object_id>/acts/<slug:slug>/", guarded(self.act_view), name=f"{self._base}_act"),
        ]
        return [*own, *super().get_urls()]  # type: ignore[misc]

    def _act_and_context(self, request: HttpRequest, slug: str) -> tuple[Act, dict[str, Any]]:
        act = find_act(self.acts, slug)
        if act is None:
            raise Http404
        context = self.admin_site.each_context(request)  # type: ignore[attr-defined]
        return act, context | {"act": act, "opts": self.model._meta, "title": act.title}  # type: ignore[attr-defined]

    # -- one object ----------------------------------------------------------------------------------------------------
    def act_view(self, request: HttpRequest, object_id: str, slug: str) -> HttpResponse:
        """Ask for confirmation (GET) or do (POST) an act. Hidden: 404; forbidden: 403; refused: the same page, 409 or 422."""
        act, context = self._act_and_context(request, slug)
        obj = self.get_object(request, unquote(object_id))  # type: ignore[attr-defined]
        if obj is None:
            raise Http404
        if not act.can(request.user, obj):
            raise PermissionDenied
        form, status = act.form(about=obj, initial=act.form.initial_of(obj)), 200
        if request.method == "POST":
            form = act.form(request.POST, request.FILES, about=obj)
            version = self._version(act, request)
            outcome = attempt(
                form, lambda **given: act.service(**{act.target: obj.pk}, **form.arguments(), **given), by=request.user, **version
            )
            if outcome.done:
                return self.after_act(request, act, obj, outcome.result)
            status = outcome.status
            obj = self.get_object(request, unquote(object_id)) or obj  # type: ignore[attr-defined]
        possible = act in self.possible(request.user, obj)
        context |= {"form": dress(form), "object": obj, "original": obj, "back": self.page_url(obj), "possible": possible}
        context["state"] = obj.state if hasattr(getattr(obj, "state", None), "label") else None
        return render(request, "core/admin/act.html", context, status=status if possible or status != 200 else 409)

    def after_act(self, request: HttpRequest, act: Act, obj: Any, result: Any) -> HttpResponse:
        """Say what happened, with the way back where there is one, and go back to the object's page."""
        way_back = find_act(self.acts, act.undo) if act.undo else None
        if way_back is not None:
            messages.success(
                request, format_html('{} <a class="underline" href="{}">{}</a>', act.done, self.act_url(obj, act.undo), way_back.label)
            )
        else:
            messages.success(request, str(act.done))
        return redirect(self.landing(obj, result))

    def landing(self, obj: Any, result: Any) -> str:
        """Where one lands after an act: the object's page, or its list when it is no longer there."""
        model: Any = self.model  # type: ignore[attr-defined]
        if model._default_manager.filter(pk=obj.pk).exists():
            return self.page_url(obj)
        return reverse(f"admin:{self._base}_changelist")

    @staticmethod
    def _version(act: Act, request: HttpRequest) -> dict[str, Any]:
        """The version of the row that the person saw, for the services that compare it."""
        given = request.POST.get("version", "")
        if not given or "version" not in signature(act.service).parameters:
            return {}
        try:
            seen = parse_datetime(given)
        except ValueError:
            seen = None
        return {"version": seen} if seen is not None and seen.tzinfo is not None else {}

    # -- many objects --------------------------------------------------------------------------------------------------
    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """The acts that can be done to several rows, for those whose role acts."""
        if not self.may_act(request.user):
            return {}
        named = [(slug, act) for slug in self.bulk_acts if (act := find_act(self.acts, slug)) is not None]
        return {slug: (partial(_prepare, slug=slug), slug, act.label) for slug, act in named}

    def bulk_view(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Show what will happen to each row chosen, then do it: one act a row, each by itself, all under one request id."""
        act, context = self._act_and_context(request, slug)
        if slug not in self.bulk_acts or not self.may_act(request.user):
            raise PermissionDenied
        if request.method != "POST":
            return redirect(reverse(f"admin:{self._base}_changelist"))
        rows = self._chosen(request, act, request.POST.getlist(ACTION_CHECKBOX_NAME))
        confirmed = "confirmed" in request.POST
        form = act.form(request.POST if confirmed else None)
        context |= {"form": dress(form), "rows": rows, "back": reverse(f"admin:{self._base}_changelist"), "limit": BULK_LIMIT}
        context["possible"] = sum(row.possible for row in rows)
        context["action_url"] = request.path if "/acts/" in request.path else reverse(f"admin:{self._base}_bulk", args=[slug])
        if not confirmed or not form.is_valid():
            return render(request, "core/admin/bulk.html", context, status=422 if confirmed else 200)
        for row in rows:
            self._do(request, act, row, form.arguments())
        done = sum(row.done for row in rows)
        context |= {"done": done, "request_id": get_contextvars().get("request_id", "")}
        context["summary"] = ngettext("Done for %(count)d row.", "Done for %(count)d rows.", done) % {"count": done}
        return render(request, "core/admin/bulk_done.html", context)

    def _chosen(self, request: HttpRequest, act: Act, keys: list[str]) -> list[Row]:
        """The rows of these ids that the user sees, each with whether the act can be done to it."""
        queryset: QuerySet[Any] = self.get_queryset(request)  # type: ignore[attr-defined]
        valid: list[UUID] = []
        for key in dict.fromkeys(keys):
            try:
                valid.append(self.model._meta.pk.to_python(key))  # type: ignore[attr-defined]
            except ValidationError:
                continue
        found = queryset.filter(pk__in=valid[:BULK_LIMIT]).select_related(*self.act_related)
        rows = []
        for obj in found:
            possible = act in self.possible(request.user, obj)
            rows.append(Row(obj, self.page_url(obj), possible, sentence="" if possible else self._why_not(request, act, obj)))
        return rows

    @staticmethod
    def _why_not(request: HttpRequest, act: Act, obj: Any) -> str:
        return _("Its state does not allow it.") if act.can(request.user, obj) else _("You are not entitled to do this to it.")

    @staticmethod
    def _do(request: HttpRequest, act: Act, row: Row, arguments: dict[str, Any]) -> None:
        """Do the act to one row, whose refusal leaves the others alone."""
        if not row.possible:
            return
        try:
            act.service(**{act.target: row.obj.pk}, **arguments, by=request.user)
        except ObjectDoesNotExist:
            row.sentence = _("It is no longer there.")
        except Stale as stale:
            row.sentence = stale.message
        except Refusal as refusal:
            row.sentence = refusal.message
        else:
            row.done = True
            row.sentence = act.done


def _prepare(admin: Any, request: HttpRequest, queryset: QuerySet[Any], *, slug: str) -> HttpResponse | None:
    """From the list's menu to the confirmation page."""
    if queryset[: BULK_LIMIT + 1].count() > BULK_LIMIT:
        sentence = ngettext("Choose at most %(count)d row at once.", "Choose at most %(count)d rows at once.", BULK_LIMIT)
        messages.error(request, sentence % {"count": BULK_LIMIT})
        return None
    query = request.POST.copy()
    query.setlist(ACTION_CHECKBOX_NAME, [str(pk) for pk in queryset.values_list("pk", flat=True)])
    query.pop("confirmed", None)
    request.POST = query  # type: ignore[assignment]
    answer: HttpResponse = admin.bulk_view(request, slug)
    return answer
