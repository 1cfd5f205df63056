"""The roof's pages."""

from django.urls import path

from portal import home, public
from portal.views import imports, notifications, privacy, reports, search, switch

app_name = "portal"

urlpatterns = [
    path("", home.home, name="home"),
    path("search/", search.search, name="search"),
    path("switch/", switch.switch, name="switch"),
    path("notifications/", notifications.notification_list, name="notifications"),
    path("notifications/read/", notifications.notifications_read, name="notifications_read"),
    path("notifications/forecast/", notifications.forecast, name="forecast"),
    path("notifications/preferences/", notifications.preferences, name="preferences"),
    path("notifications/<uuid:pk>/", notifications.notification_open, name="notification_open"),
    path("reports/", reports.report_list, name="reports"),
    path("reports/new/<slug:kind>/", reports.report_new, name="report_new"),
    path("reports/<uuid:pk>/", reports.report_detail, name="report_detail"),
    path("reports/<uuid:pk>/file/", reports.report_file, name="report_file"),
    path("reports/<uuid:pk>/<slug:slug>/", reports.report_act, name="report_act"),
    path("imports/", imports.import_list, name="imports"),
    path("imports/new/<slug:kind>/", imports.import_new, name="import_new"),
    path("imports/<uuid:pk>/", imports.import_detail, name="import_detail"),
    path("imports/<uuid:pk>/stop/", imports.import_stop, name="import_stop"),
    path("imports/<uuid:pk>/<slug:slug>/", imports.import_act, name="import_act"),
    path("public/", public.public_list, name="public"),
    path("public/<uuid:pk>/", public.public_convention, name="public_convention"),
    path("privacy/", privacy.privacy, name="privacy"),
    path("profile/data/", privacy.my_data, name="my_data"),
    path("profile/data/archive/", privacy.my_data_archive, name="my_data_archive"),
    path("help/", public.help_page, name="help"),
]
