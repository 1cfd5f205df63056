"""The partnership's pages. Each noun's addresses stand in a file of their own."""

from django.urls import path

from partnership.urls import organisations
from partnership.views import actions, acts, commitments, conventions, documents

app_name = "partnership"

urlpatterns = [
    *organisations.urlpatterns,
    path("actions/", actions.action_list, name="action_list"),
    path("actions/new/", actions.action_new, name="action_new"),
    path("actions/<uuid:pk>/", actions.action_detail, name="action_detail"),
    path("actions/<uuid:pk>/change/", actions.action_update, name="action_update"),
    path("actions/<uuid:pk>/<slug:slug>/", acts.action_act, name="action_act"),
    path("commitments/<uuid:pk>/<slug:slug>/", acts.commitment_act, name="commitment_act"),
    path("commitments/<uuid:pk>/", commitments.commitment_detail, name="commitment_detail"),
    path("conventions/", conventions.convention_list, name="convention_list"),
    path("conventions/<uuid:pk>/", conventions.convention_detail, name="convention_detail"),
    path("conventions/<uuid:pk>/documents/new/", documents.document_add, name="document_add"),
    path("documents/<uuid:pk>/", documents.document_detail, name="document_detail"),
    path("documents/<uuid:pk>/file/", documents.document_version, name="document_latest"),
    path("documents/<uuid:pk>/versions/new/", documents.version_add, name="version_add"),
    path("documents/<uuid:pk>/versions/<int:number>/", documents.document_version, name="document_version"),
    path("documents/<uuid:pk>/remove/", documents.document_remove, name="document_remove"),
    path("documents/<uuid:pk>/restore/", documents.document_restore, name="document_restore"),
    path("conventions/<uuid:pk>/acts/<slug:slug>/", acts.convention_act, name="convention_act"),
]
