"""The front door's addresses. Each of allauth's pages is named: those that are not (registration, identity provider…) are closed."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.webauthn import views as webauthn
from django.urls import path, re_path

from accounts import views

urlpatterns = [
    path("accounts/login/", views.sign_in, name="account_login"),
    path("accounts/logout/", views.sign_out, name="account_logout"),
    path("accounts/inactive/", account.account_inactive, name="account_inactive"),
    path("accounts/reauthenticate/", views.confirm_by_password, name="account_reauthenticate"),
    path("accounts/resume/", views.resume, name="account_resume"),
    path("accounts/password/change/", account.password_change, name="account_change_password"),
    path("accounts/password/set/", account.password_set, name="account_set_password"),
    path("accounts/password/reset/", account.password_reset, name="account_reset_password"),
    path("accounts/password/reset/done/", account.password_reset_done, name="account_reset_password_done"),
    path("accounts/password/reset/key/done/", account.password_reset_from_key_done, name="account_reset_password_from_key_done"),
    re_path(
        r"^accounts/password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("accounts/2fa/", mfa.index, name="mfa_index"),
    path("accounts/2fa/authenticate/", views.second_step, name="mfa_authenticate"),
    path("accounts/2fa/reauthenticate/", views.confirm_by_factor, name="mfa_reauthenticate"),
    path("accounts/2fa/totp/activate/", views.activate_app, name="mfa_activate_totp"),
    path("accounts/2fa/totp/deactivate/", views.deactivate_app, name="mfa_deactivate_totp"),
    path("accounts/2fa/recovery-codes/", codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("accounts/2fa/recovery-codes/generate/", views.renew_codes, name="mfa_generate_recovery_codes"),
    path("accounts/2fa/recovery-codes/download/", codes.download_recovery_codes, name="mfa_download_recovery_codes"),
    path("accounts/2fa/webauthn/", webauthn.list_webauthn, name="mfa_list_webauthn"),
    path("accounts/2fa/webauthn/add/", views.add_passkey, name="mfa_add_webauthn"),
    path("accounts/2fa/webauthn/login/", webauthn.login_webauthn, name="mfa_login_webauthn"),
    path("accounts/2fa/webauthn/reauthenticate/", views.confirm_by_passkey, name="mfa_reauthenticate_webauthn"),
    path("accounts/2fa/webauthn/keys/<int:pk>/remove/", views.remove_passkey, name="mfa_remove_webauthn"),
    path("accounts/2fa/webauthn/keys/<int:pk>/edit/", webauthn.edit_webauthn, name="mfa_edit_webauthn"),
    path("accounts/sessions/", views.devices, name="usersessions_list"),
    path("accounts/sessions/<int:pk>/end/", views.session_end, name="session_end"),
    path("profile/", views.profile, name="profile"),
    path("i18n/setlang/", views.set_language, name="set_language"),
    path("api/token/", views.issue_token, name="api_token"),
]
