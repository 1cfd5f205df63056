"""Commitments: the two-way ledger, read and moved by its parties."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action

from core import clock
from core.api.parameters import choice, flag, modified_since, on_or_after, on_or_before, reference
from core.api.permissions import Scoped
from core.api.serializers import LabelledOutput, MoneyOutput, Output, StrictInput, Text, TranslatedOutput
from core.api.shapes import day, instant, known, labelled, money, texts, uuid
from partnership.api.evidence import PROOF, EvidencedViewSet, EvidenceFields, draft_of
from partnership.api.shapes import OrganisationRefOutput, organisation_columns, organisation_ref
from partnership.choices import UNDECLARED_STATUSES, ArbitrationOutcome, CommitmentNature, CommitmentStatus, Recurrence, TrustLabel
from partnership.models import Commitment
from partnership.querysets import late_commitment
from partnership.selectors.trust import trust_in, with_trust
from partnership.services.commitments import confirm_commitment, contest_commitment, declare_commitment, withdraw_declaration

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from django.db.models import QuerySet
    from rest_framework.request import Request
    from rest_framework.response import Response


class AxisRefOutput(Output):
    """An axis, named."""

    id = serializers.UUIDField()
    code = serializers.CharField()
    title = TranslatedOutput()


class CommitmentOutput(Output):
    """What one party owes another, and where it stands."""

    id = serializers.UUIDField()
    convention = serializers.UUIDField()
    axis = AxisRefOutput()
    reference = serializers.CharField()
    title = TranslatedOutput()
    description = serializers.CharField(allow_null=True)
    obligor = OrganisationRefOutput()
    beneficiary = OrganisationRefOutput()
    nature = LabelledOutput()
    amount = MoneyOutput(allow_null=True)
    due_on = serializers.DateField(allow_null=True, help_text="Closes at 23:59, Casablanca time.")
    recurrence = LabelledOutput()
    previous = serializers.UUIDField(allow_null=True)
    state = LabelledOutput()
    is_late = serializers.BooleanField()
    trust = LabelledOutput(
        allow_null=True,
        help_text="declared, documented (a file proves it, or a committee's minutes decide it), verified (the other party confirmed).",
    )
    declaration = serializers.CharField(allow_null=True)
    declared_at = serializers.DateTimeField(allow_null=True)
    contest_reason = serializers.CharField(allow_null=True)
    contested_at = serializers.DateTimeField(allow_null=True)
    arbitration = LabelledOutput(allow_null=True)
    settled_at = serializers.DateTimeField(allow_null=True)
    state_reason = serializers.CharField(allow_null=True)
    source = serializers.CharField(allow_null=True)  # type: ignore[assignment]
    updated_at = serializers.DateTimeField()


class DeclareInput(StrictInput):
    """The obligor says that it delivered, with what proves it."""

    declaration = Text(max_length=5000, help_text="What was delivered.")
    evidence = EvidenceFields(  # type: ignore[call-arg]
        many=True, required=False, max_length=20, help_text="Addresses; send files to the evidence address first."
    )


class ConfirmInput(StrictInput):
    """The beneficiary confirms, or lifts its own contest."""

    note = Text(max_length=5000, required=False, allow_blank=True)


class ReasonInput(StrictInput):
    """An act that needs its reason."""

    reason = Text(min_length=3, max_length=2000)


class ContestInput(StrictInput):
    """What is missing in what was declared."""

    reason = Text(min_length=10, max_length=2000)


class CommitmentViewSet(EvidencedViewSet):
    """The commitments of the conventions to which the caller is a party."""

    permission_classes = [Scoped("commitments")]
    queryset = Commitment.objects.none()
    evidence_of = "commitment"
    columns = (
        "id", "convention_id", "axis_id", "axis__code", "axis__title_fr", "axis__title_ar", "axis__title_en", "reference", "title_fr",
        "title_ar", "title_en", "description", "nature", "amount", "due_on", "recurrence", "previous_id", "status", "is_documented",
        "declaration", "declared_at", "contest_reason", "contested_at", "arbitration", "settled_at", "status_reason", "source",
        "updated_at", *organisation_columns("obligor__organisation__"), *organisation_columns("beneficiary__organisation__"),
    )  # fmt: skip
    orderings = {"-created_at": ("-id",), "created_at": ("id",)}
    filters = (
        reference("convention", "The convention."),
        reference("axis", "The axis."),
        reference("obligor", "The organisation that owes.", column="obligor__organisation_id"),
        reference("beneficiary", "The organisation that awaits.", column="beneficiary__organisation_id"),
        choice("state", CommitmentStatus, "State, or several separated by commas.", column="status"),
        choice("nature", CommitmentNature, "Financial or not."),
        on_or_after("due_from", "due_on", "Due on this day or later."),
        on_or_before("due_until", "due_on", "Due on this day or earlier."),
        flag("late", late_commitment, "Past its Casablanca date and not declared."),
        modified_since(),
    )

    def visible(self) -> QuerySet[Any]:
        """Those of the caller's conventions."""
        return with_trust(Commitment.objects.visible_to(self.actor))

    def shape(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """A commitment."""
        trust = trust_in(row["status"], is_documented=row["is_documented"])
        return {
            "id": str(row["id"]),
            "convention": str(row["convention_id"]),
            "axis": {"id": str(row["axis_id"]), "code": row["axis__code"], "title": texts(row, "axis__title")},
            "reference": row["reference"],
            "title": texts(row, "title"),
            "description": known(row["description"]),
            "obligor": organisation_ref(row, "obligor__organisation__"),
            "beneficiary": organisation_ref(row, "beneficiary__organisation__"),
            "nature": labelled(CommitmentNature, row["nature"]),
            "amount": money(row["amount"]),
            "due_on": day(row["due_on"]),
            "recurrence": labelled(Recurrence, row["recurrence"]),
            "previous": uuid(row["previous_id"]),
            "state": labelled(CommitmentStatus, row["status"]),
            "is_late": row["status"] in UNDECLARED_STATUSES and row["due_on"] is not None and row["due_on"] < clock.today(),
            "trust": labelled(TrustLabel, trust) if trust else None,
            **{name: instant(row[name]) for name in ("declared_at", "contested_at", "settled_at", "updated_at")},
            **{name: known(row[name]) for name in ("declaration", "contest_reason", "source")},
            "arbitration": labelled(ArbitrationOutcome, row["arbitration"]),
            "state_reason": known(row["status_reason"]),
        }

    @extend_schema(responses=CommitmentOutput(many=True))
    def list(self, request: Request) -> Response:
        """The commitments that the caller may read."""
        return super().list(request)

    @extend_schema(responses=CommitmentOutput)
    def retrieve(self, request: Request, id: UUID) -> Response:
        """A commitment."""
        return super().retrieve(request, id)

    @extend_schema(
        request=DeclareInput,
        responses=CommitmentOutput,
        examples=[
            OpenApiExample(
                "Delivered, with its proof", value={"declaration": "Trois ateliers tenus à Agadir.", "evidence": [PROOF]}, request_only=True
            )
        ],
    )
    @action(detail=True, methods=["post"])
    def declare(self, request: Request, id: UUID) -> Response:
        """Declare delivered, with evidence (obligor)."""

        def service(values: dict[str, Any], version: Any) -> None:
            proofs = [draft_of(entry) for entry in values.get("evidence", [])]
            declare_commitment(commitment=id, declaration=values["declaration"], evidence=proofs, by=self.actor, version=version)

        return self.change(id, DeclareInput, service)

    @extend_schema(request=ConfirmInput, responses=CommitmentOutput)
    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, id: UUID) -> Response:
        """Confirm what was declared, or lift a contest (beneficiary)."""
        return self.change(
            id, ConfirmInput, lambda values, version: confirm_commitment(commitment=id, **values, by=self.actor, version=version)
        )

    @extend_schema(
        request=ContestInput,
        responses=CommitmentOutput,
        examples=[OpenApiExample("Incomplete", value={"reason": "Les données de mai manquent."}, request_only=True)],
    )
    @action(detail=True, methods=["post"])
    def contest(self, request: Request, id: UUID) -> Response:
        """Contest what was declared, with a reason (beneficiary)."""
        return self.change(
            id, ContestInput, lambda values, version: contest_commitment(commitment=id, **values, by=self.actor, version=version)
        )

    @extend_schema(request=ReasonInput, responses=CommitmentOutput)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, id: UUID) -> Response:
        """Withdraw a declaration that nobody has answered yet, with a reason (obligor)."""
        return self.change(
            id, ReasonInput, lambda values, version: withdraw_declaration(commitment=id, **values, by=self.actor, version=version)
        )
