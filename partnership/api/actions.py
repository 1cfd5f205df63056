"""Actions of the yearly plan: read by the parties and by their owner, moved by whoever carries or verifies them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action

from core import clock
from core.api.parameters import choice, flag, modified_since, on_or_after, on_or_before, reference
from core.api.permissions import Scoped
from core.api.serializers import LabelledOutput, Output, StrictInput, Text, WholeNumber
from core.api.shapes import day, instant, known, labelled, texts, uuid
from partnership.api.commitments import AxisRefOutput, ReasonInput
from partnership.api.evidence import PROOF, EvidencedViewSet, EvidenceFields, draft_of
from partnership.api.shapes import OrganisationRefOutput, organisation_columns, organisation_ref, seen
from partnership.choices import OPEN_ACTION_STATUSES, ActionStatus, Priority, TrustLabel
from partnership.models import Action, Commitment
from partnership.querysets import late_action
from partnership.selectors.trust import trust_in, with_trust
from partnership.services.actions import (
    block_action,
    complete_action,
    report_progress,
    return_action,
    start_action,
    verify_action,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from django.db.models import QuerySet
    from rest_framework.request import Request
    from rest_framework.response import Response


class ActionOutput(Output):
    """Something an organisation does by a date."""

    id = serializers.UUIDField()
    convention = serializers.UUIDField()
    axis = AxisRefOutput()
    commitment = serializers.UUIDField(allow_null=True, help_text="When the caller may read it.")
    organisation = OrganisationRefOutput(help_text="The owner.")
    responsible = serializers.CharField(allow_null=True, help_text="Name of the person responsible.")
    title = serializers.CharField()
    description = serializers.CharField(allow_null=True)
    priority = LabelledOutput()
    starts_on = serializers.DateField()
    due_on = serializers.DateField(help_text="Closes at 23:59, Casablanca time.")
    progress = serializers.IntegerField(help_text="Percent.")
    state = LabelledOutput()
    state_reason = serializers.CharField(allow_null=True)
    is_late = serializers.BooleanField()
    trust = LabelledOutput(
        allow_null=True, help_text="Once done: declared, documented (a document proves it) or verified (by a second person)."
    )
    outcome = serializers.CharField(allow_null=True, help_text="What was done.")
    done_at = serializers.DateTimeField(allow_null=True)
    verified_at = serializers.DateTimeField(allow_null=True)
    source = serializers.CharField(allow_null=True)  # type: ignore[assignment]
    updated_at = serializers.DateTimeField()


class ProgressInput(StrictInput):
    """How far it is."""

    progress = WholeNumber(min_value=0, max_value=100)


class NothingInput(StrictInput):
    """No body is needed: `{}`."""


class CompleteInput(StrictInput):
    """What was done, and what proves it; high priority also needs a document."""

    outcome = Text(max_length=5000)
    evidence = EvidenceFields(  # type: ignore[call-arg]
        many=True, required=False, max_length=20, help_text="Addresses; send files to the evidence address first."
    )


class VerifyInput(StrictInput):
    """A second person agrees."""

    note = Text(max_length=5000, required=False, allow_blank=True)


class ActionViewSet(EvidencedViewSet):
    """The actions of the caller, and of the conventions to which it is a party."""

    permission_classes = [Scoped("actions")]
    queryset = Action.objects.none()
    http_method_names = ["get", "head", "post", "patch"]
    evidence_of = "action"
    columns = (
        "id", "convention_id", "axis_id", "axis__code", "axis__title_fr", "axis__title_ar", "axis__title_en", "commitment_seen", "title",
        "description", "priority", "starts_on", "due_on", "progress", "status", "status_reason", "is_documented", "outcome", "done_at",
        "verified_at", "source", "updated_at", "responsible__full_name", *organisation_columns("organisation__"),
    )  # fmt: skip
    orderings = {"due_on": ("due_on", "id"), "-due_on": ("-due_on", "-id"), "created_at": ("id",), "-created_at": ("-id",)}
    filters = (
        reference("convention", "The convention."),
        reference("axis", "The axis."),
        reference("commitment", "The commitment.", column="commitment_seen"),
        reference("organisation", "The owner."),
        choice("state", ActionStatus, "State, or several separated by commas.", column="status"),
        choice("priority", Priority, "Priority, or several separated by commas."),
        on_or_after("due_from", "due_on", "Due on this day or later."),
        on_or_before("due_until", "due_on", "Due on this day or earlier."),
        flag("late", late_action, "Open and past its Casablanca date."),
        modified_since(),
    )

    def visible(self) -> QuerySet[Any]:
        """The caller's own, and those of its conventions."""
        rows: QuerySet[Any] = with_trust(Action.objects.visible_to(self.actor)).annotate(
            commitment_seen=seen(Commitment.objects.visible_to(self.actor), "commitment_id")
        )
        return rows

    def shape(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """An action."""
        trust = trust_in(row["status"], is_documented=row["is_documented"])
        return {
            "id": str(row["id"]),
            "convention": str(row["convention_id"]),
            "axis": {"id": str(row["axis_id"]), "code": row["axis__code"], "title": texts(row, "axis__title")},
            "commitment": uuid(row["commitment_seen"]),
            "organisation": organisation_ref(row, "organisation__"),
            "responsible": row["responsible__full_name"],
            "title": row["title"],
            "description": known(row["description"]),
            "priority": labelled(Priority, row["priority"]),
            "starts_on": day(row["starts_on"]),
            "due_on": day(row["due_on"]),
            "progress": row["progress"],
            "state": labelled(ActionStatus, row["status"]),
            "state_reason": known(row["status_reason"]),
            "is_late": row["status"] in OPEN_ACTION_STATUSES and row["due_on"] < clock.today(),
            "trust": labelled(TrustLabel, trust) if trust else None,
            **{name: known(row[name]) for name in ("outcome", "source")},
            **{name: instant(row[name]) for name in ("done_at", "verified_at", "updated_at")},
        }

    @extend_schema(responses=ActionOutput(many=True))
    def list(self, request: Request) -> Response:
        """The actions that the caller may read."""
        return super().list(request)

    @extend_schema(responses=ActionOutput)
    def retrieve(self, request: Request, id: UUID) -> Response:
        """An action."""
        return super().retrieve(request, id)

    @extend_schema(request=ProgressInput, responses=ActionOutput)
    def partial_update(self, request: Request, id: UUID) -> Response:
        """Report the progress (owner)."""
        return self.change(id, ProgressInput, lambda values, version: report_progress(action=id, **values, by=self.actor, version=version))

    @extend_schema(request=NothingInput, responses=ActionOutput)
    @action(detail=True, methods=["post"])
    def start(self, request: Request, id: UUID) -> Response:
        """Start (owner)."""
        return self.change(id, NothingInput, lambda values, version: start_action(action=id, by=self.actor, version=version))

    @extend_schema(request=ProgressInput, responses=ActionOutput)
    @action(detail=True, methods=["post"])
    def progress(self, request: Request, id: UUID) -> Response:
        """Report the progress (owner): as PATCH, with an Idempotency-Key."""
        return self.change(id, ProgressInput, lambda values, version: report_progress(action=id, **values, by=self.actor, version=version))

    @extend_schema(request=ReasonInput, responses=ActionOutput)
    @action(detail=True, methods=["post"])
    def block(self, request: Request, id: UUID) -> Response:
        """Say that it is blocked, and why (owner)."""
        return self.change(id, ReasonInput, lambda values, version: block_action(action=id, **values, by=self.actor, version=version))

    @extend_schema(
        request=CompleteInput,
        responses=ActionOutput,
        examples=[OpenApiExample("Done", value={"outcome": "Guide publié en trois langues.", "evidence": [PROOF]}, request_only=True)],
    )
    @action(detail=True, methods=["post"])
    def complete(self, request: Request, id: UUID) -> Response:
        """Say that it is done, what was done, and what proves it (owner)."""

        def service(values: dict[str, Any], version: Any) -> None:
            proofs = [draft_of(entry) for entry in values.get("evidence", [])]
            complete_action(action=id, outcome=values["outcome"], evidence=proofs, by=self.actor, version=version)

        return self.change(id, CompleteInput, service)

    @extend_schema(request=VerifyInput, responses=ActionOutput)
    @action(detail=True, methods=["post"])
    def verify(self, request: Request, id: UUID) -> Response:
        """Verify what was done (a second person)."""
        return self.change(id, VerifyInput, lambda values, version: verify_action(action=id, **values, by=self.actor, version=version))

    @extend_schema(request=ReasonInput, responses=ActionOutput)
    @action(detail=True, methods=["post"], url_path="return")
    def return_(self, request: Request, id: UUID) -> Response:
        """Return what was done, with a reason (a second person)."""
        return self.change(id, ReasonInput, lambda values, version: return_action(action=id, **values, by=self.actor, version=version))
