"""The partnership's pages. Each noun's addresses stand in a file of their own."""

from django.urls import path

from partnership.views import actions, acts

app_name = "partnership"

urlpatterns = [
    path("actions/", actions.action_list, name="action_list"),
    path("actions/new/", actions.action_new, name="action_new"),
    path("actions/<uuid:pk>/", actions.action_detail, name="action_detail"),
    path("actions/<uuid:pk>/change/", actions.action_update, name="action_update"),
    path("actions/<uuid:pk>/<slug:slug>/", acts.action_act, name="action_act"),
    path("commitments/<uuid:pk>/<slug:slug>/", acts.commitment_act, name="commitment_act"),
    path("conventions/<uuid:pk>/acts/<slug:slug>/", acts.convention_act, name="convention_act"),
]
