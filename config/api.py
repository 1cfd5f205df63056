"""The API's addresses: every app's resources under /api/v1/, its description, and one answer for everything else."""

from __future__ import annotations

from django.urls import include, path, re_path
from rest_framework.routers import SimpleRouter

from core.api.changes import register as register_changes
from core.api.documentation import DocumentationView, SchemaView
from core.api.views import NothingHere
from partnership.api.urls import register as register_partnership
from portal.api import SearchViewSet

app_name = "api"

router = SimpleRouter(use_regex_path=False)
register_partnership(router)
router.register("search", SearchViewSet, basename="search")
register_changes(router)

urlpatterns = [
    path("v1/", include(router.urls)),
    path("v1/schema/", SchemaView.as_view(), name="schema"),
    path("v1/docs/", DocumentationView.as_view(), name="docs"),
    re_path(r"^.*$", NothingHere.as_view({"get": "get"}), name="nothing"),
]
