"""The list of actions as most projects write it: nested ModelSerializers over instances, page numbers, a token of REST framework."""

from __future__ import annotations

from typing import Any

from django.urls import include, path
from rest_framework import routers, serializers, viewsets

from partnership.models import Action, Axis, Organisation


class AxisSerializer(serializers.ModelSerializer[Axis]):
    class Meta:
        model = Axis
        fields = ("id", "code", "title_fr", "title_ar", "title_en")


class OrganisationSerializer(serializers.ModelSerializer[Organisation]):
    class Meta:
        model = Organisation
        fields = ("id", "name_fr", "name_ar", "acronym")


class ActionSerializer(serializers.ModelSerializer[Action]):
    axis = AxisSerializer()
    organisation = OrganisationSerializer()
    responsible = serializers.CharField(source="responsible.full_name", default=None)
    priority_label = serializers.CharField(source="get_priority_display")
    status_label = serializers.CharField(source="get_status_display")

    class Meta:
        model = Action
        fields = (
            "id", "convention", "axis", "commitment", "organisation", "responsible", "title", "description", "priority", "priority_label",
            "starts_on", "due_on", "progress", "status", "status_label", "status_reason", "is_late", "outcome", "done_at", "verified_at",
            "source", "updated_at",
        )  # fmt: skip


class ActionViewSet(viewsets.ModelViewSet[Action]):
    serializer_class = ActionSerializer
    queryset = Action.objects.all()

    def get_queryset(self) -> Any:
        """The actions of the conventions of the caller's organisations."""
        return (
            Action.objects.filter(convention__parties__organisation__mandates__person__user=self.request.user.pk)
            .exclude(convention__status="draft")
            .select_related("axis", "organisation", "responsible")
            .order_by("due_on", "id")
        )


router = routers.SimpleRouter()
router.register("actions", ActionViewSet)
urlpatterns = [path("api/v1/", include(router.urls))]
