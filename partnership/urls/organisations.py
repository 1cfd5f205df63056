"""Addresses of organisations, their people and their invitations."""

from django.urls import path

from partnership.views import invitations, organisations, people

urlpatterns = [
    path("organisation/", organisations.organisation_mine, name="organisation_mine"),
    path("organisations/", organisations.organisation_list, name="organisation_list"),
    path("organisations/<uuid:pk>/", organisations.organisation_detail, name="organisation_detail"),
    path("organisations/<uuid:pk>/change/", organisations.organisation_update, name="organisation_update"),
    path("organisations/<uuid:pk>/invite/", people.organisation_invite, name="organisation_invite"),
    path("organisations/<uuid:pk>/<slug:slug>/", organisations.organisation_act, name="organisation_act"),
    path("affiliations/<uuid:pk>/<slug:slug>/", organisations.affiliation_act, name="affiliation_act"),
    path("mandates/<uuid:pk>/<slug:slug>/", people.mandate_act, name="mandate_act"),
    path("invitations/<uuid:pk>/<slug:slug>/", people.invitation_act, name="invitation_act"),
    path("invitation/<str:token>/", invitations.invitation_accept, name="invitation_accept"),
]
