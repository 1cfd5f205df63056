"""Personal data in the administration: the register, what will be erased, requests of people, receipts of the authority."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from django import forms
from django.contrib import admin, messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from core.acts import Act, ActForm, reason_field
from core.admin.base import BaseAdmin
from core.admin.forms import ServiceForm
from core.admin.lists import PeriodFilter
from core.errors import Refusal
from core.jobs import request_job
from core.models import Erasure, PrivacyRequest, Receipt
from core.models.privacy import REQUEST_TRANSITIONS, RequestState
from core.privacy import register, requests, retention
from core.privacy.report import RegisterReport, facts
from core.reports import FORMAT_LABELS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest, HttpResponse

    from core.actors import Actor


# -- pages -------------------------------------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
def register_page(request: HttpRequest) -> HttpResponse:
    """The complete register; a POST asks for it as a PDF or a workbook, made by a worker."""
    if request.method == "POST":
        by = cast("Actor", request.user)
        try:
            job = request_job(kind=RegisterReport.kind, params={"format": request.POST.get("format", "")}, by=by)
        except Refusal as refusal:
            messages.warning(request, str(refusal.message))
            return redirect("admin:privacy_register")
        return redirect(_job_page(job.pk))
    context = admin.site.each_context(request) | {
        "title": _g("Register of processing of personal data"),
        "entries": [{"entry": entry, "facts": facts(entry)} for entry in register.entries()],
        "formats": [(name, FORMAT_LABELS[name]) for name in RegisterReport.formats],
        "can_record": requests.can_keep_privacy(cast("Actor", request.user)),
    }
    return render(request, "core/admin/privacy_register.html", context)


def _job_page(pk: Any) -> str:
    from django.conf import settings

    return str(settings.JOB_PATH).format(id=pk)


@require_GET
def retention_page(request: HttpRequest) -> HttpResponse:
    """What each rule erases at the next round and within thirty days; nothing is written by looking."""
    context = admin.site.each_context(request) | {"title": _g("What will be erased"), "lines": retention.forecast()}
    return render(request, "core/admin/privacy_retention.html", context)


# -- requests ----------------------------------------------------------------------------------------------------------
class AnswerForm(ActForm):
    """What was done, in a few words; the person reads it."""

    answer = forms.CharField(
        label=_("Answer"), required=False, max_length=requests.WORDS, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Whoever asked reads it."),
    )  # fmt: skip


class RefuseForm(ActForm):
    """Why it cannot be; the person reads it."""

    reason = reason_field(help_text=_("Whoever asked reads it, and may turn to the CNDP."), maximum=requests.WORDS)


REQUEST_ACTS: Final[Sequence[Act]] = (
    Act(
        slug="take",
        label=_("Handle it"),
        title=_("Handle this request?"),
        consequences=_("Your name stands on it; whoever asked sees that it is being handled."),
        done=_("The request is yours."),
        can=requests.can_answer_request,
        service=requests.take,
        target="request",
        to=RequestState.IN_PROGRESS,
        icon="user",
        colour="primary",
    ),
    Act(
        slug="close",
        label=_("It is done"),
        title=_("Say that what was asked is done"),
        consequences=_(
            "Whoever asked is told. An erasure is done from the page of the account or of the person: it closes the request by itself."
        ),
        done=_("The request is closed. Whoever asked is told."),
        can=requests.can_answer_request,
        service=requests.close,
        target="request",
        to=RequestState.DONE,
        form=AnswerForm,
        icon="check",
    ),
    Act(
        slug="refuse",
        label=_("Refuse"),
        title=_("Refuse this request?"),
        consequences=_("Whoever asked is told, with your reason, and may turn to the CNDP."),
        done=_("The request is refused. Whoever asked is told."),
        can=requests.can_answer_request,
        service=requests.refuse,
        target="request",
        to=RequestState.REFUSED,
        form=RefuseForm,
        icon="x",
        danger=True,
    ),
)


@admin.register(PrivacyRequest)
class PrivacyRequestAdmin(BaseAdmin):
    """Read by every role; answered by the accounts managers, nobody one's own."""

    acts = REQUEST_ACTS
    act_table = REQUEST_TRANSITIONS
    act_related = ("user",)
    list_display = ("user", "kind", "shown_state", "due_on", "handled_by")
    list_filter = ("status", "kind")
    list_select_related = ("user", "handled_by")
    search_fields = ("user__full_name", "user__email")
    ordering = ("due_on", "id")
    fields = ("user", "kind", "words", "due_on", "handled_by", "answer", "closed_at", "created_at")


# -- receipts ----------------------------------------------------------------------------------------------------------
class ReceiptForm(ServiceForm):
    """The processing is one of the register's."""

    processing = forms.ChoiceField(label=_("Processing"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "processing" in self.fields:
            self.fields["processing"].choices = [(entry.slug, entry.title) for entry in register.processings()]  # type: ignore[attr-defined]


@admin.register(Receipt)
class ReceiptAdmin(BaseAdmin):
    """Numbers that the authority gave: written by the accounts managers when they receive them, never before."""

    form = ReceiptForm
    list_display = ("shown_processing", "kind", "number", "received_on")
    list_filter = ("kind",)
    search_fields = ("number", "processing")
    ordering = ("processing", "kind")
    fieldsets = ((None, {"fields": ("processing", "kind", "number", "received_on")}),)

    def may_add(self, user: Any) -> bool:
        """The staff who answer for personal data."""
        return requests.can_keep_privacy(user)

    def may_change(self, user: Any, obj: Any = None) -> bool:
        """The staff who answer for personal data."""
        return requests.can_keep_privacy(user)

    def create(self, user: Any, form: ServiceForm) -> Receipt:
        """Write the number."""
        return requests.record_receipt(**form.values, by=user)

    def update(self, user: Any, obj: Any, form: ServiceForm) -> Receipt:
        """Correct it."""
        return requests.change_receipt(receipt=obj.pk, changes=form.changes, by=user, version=form.cleaned_data["version"])

    @admin.display(description=_("processing"), ordering="processing")
    def shown_processing(self, obj: Receipt) -> str:
        """In words."""
        return str(next((entry.title for entry in register.processings() if entry.slug == obj.processing), obj.processing))


class ErasedPeriod(PeriodFilter):
    """When it was done."""

    title = _("erased")


@admin.register(Erasure)
class ErasureAdmin(BaseAdmin):
    """What was erased, when, and what was touched: never what it was."""

    list_display = ("label", "created_at", "left_in_texts")
    list_filter = (ErasedPeriod, "left_in_texts")
    search_fields = ("label",)
    ordering = ("-created_at", "-id")
    fields = ("label", "account_id", "person_id", "left_in_texts", "touched", "created_at", "finished_at")
