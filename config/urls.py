"""Every address of the portal."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from accounts.public import public
from core import demo, views

# What machines ask, and the demonstration's mail page (404 anywhere else): each decides by itself who may read what.
urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", public(views.healthz), name="healthz"),
    path("health/live", public(views.live), name="health_live"),
    path("health/ready", public(views.ready), name="health_ready"),
    path("metrics", public(views.prometheus), name="metrics"),
    path("demo/mails/", public(demo.mails), name="demo_mails"),
    path("demo/mails/<str:key>/", public(demo.mail), name="demo_mail"),
]

urlpatterns += [
    path("admin/", admin.site.urls),
    path("", include("accounts.urls")),
    path("", include("partnership.urls")),
    path("", include("portal.urls")),
    path("api/", include("config.api")),
]

handler429 = "accounts.views.too_many_requests"
