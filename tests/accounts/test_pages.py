"""Every page needs a signed-in user unless it is public; the language follows the account; the profile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import get_resolver, path, reverse
from django.views import View

from accounts.public import is_api, is_public, public
from config import urls as portal_urls
from tests.factories.accounts import PASSWORD, UserFactory, give_totp, sign_in

if TYPE_CHECKING:
    from django.http import HttpRequest
    from pytest_django import Settings

pytestmark = pytest.mark.django_db


def closed(request: HttpRequest) -> HttpResponse:
    return HttpResponse("closed")


@public
def opened(request: HttpRequest) -> HttpResponse:
    return HttpResponse("opened")


@public
class OpenedPage(View):
    def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse("opened")


urlpatterns = [
    path("closed/", closed, name="closed"),
    path("opened/", opened, name="opened"),
    path("opened-page/", OpenedPage.as_view(), name="opened_page"),
    *portal_urls.urlpatterns,
]


@pytest.fixture
def routes(settings: Settings) -> None:
    settings.ROOT_URLCONF = __name__


# -- sign-in required --------------------------------------------------------------------------------------------------
@pytest.mark.usefixtures("routes")
def test_page_when_nobody_is_signed_in_then_it_leads_to_sign_in_and_back(client: Client) -> None:
    response = client.get("/closed/?page=2&q=a+b%26")

    assert response.status_code == 302
    assert response["Location"] == "/accounts/login/?next=%2Fclosed%2F%3Fpage%3D2%26q%3Da%2Bb%2526"


@pytest.mark.usefixtures("routes")
@pytest.mark.parametrize("address", ["/opened/", "/opened-page/"])
def test_page_when_marked_public_then_anybody_opens_it(client: Client, address: str) -> None:
    assert client.get(address).content == b"opened"


@pytest.mark.usefixtures("routes")
def test_fragment_when_nobody_is_signed_in_then_401_and_the_way_back_is_the_page_it_stands_in(client: Client) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/actions/?late=1"}

    response = client.post("/closed/", headers=headers)

    assert (response.status_code, response.content) == (401, b"")
    assert response["HX-Redirect"] == "/accounts/login/?next=%2Factions%2F%3Flate%3D1"


@pytest.mark.usefixtures("routes")
@pytest.mark.parametrize("address", ["https://evil.example/x", "//evil.example/x", "", "javascript:alert(1)"])
def test_fragment_when_its_page_is_not_ours_then_the_way_back_is_home(client: Client, address: str) -> None:
    response = client.get("/closed/", headers={"HX-Request": "true", "HX-Current-URL": address})

    assert response["HX-Redirect"] == "/accounts/login/?next=%2F"


@pytest.mark.usefixtures("routes")
def test_form_when_the_session_has_ended_then_the_way_back_is_the_page_that_held_it(client: Client) -> None:
    response = client.post("/closed/", headers={"Referer": "http://testserver/commitments/1/"})

    assert response["Location"] == "/accounts/login/?next=%2Fcommitments%2F1%2F"


def test_addresses_when_opened_by_nobody_then_all_but_the_listed_ones_ask_to_sign_in(client: Client) -> None:
    expected_open = {"account_login", "account_reset_password", "account_reset_password_done", "set_language", "api_token"}
    names = [name for name in get_resolver("accounts.urls").reverse_dict if isinstance(name, str)]
    plain = [name for name in names if not get_resolver("accounts.urls").reverse_dict.getlist(name)[0][0][0][1]]

    answers = {name: client.get(reverse(name)) for name in plain}
    asking = {name for name, answer in answers.items() if answer.status_code == 302 and "/accounts/login/" in answer["Location"]}

    assert expected_open.isdisjoint(asking)
    assert {"profile", "usersessions_list", "mfa_index", "account_change_password", "mfa_activate_totp", "account_reauthenticate"} <= asking


def test_api_view_when_asked_then_it_is_left_to_its_own_rights() -> None:
    from rest_framework.views import APIView

    class Thing(APIView):
        pass

    assert is_api(Thing.as_view())
    assert not is_api(OpenedPage.as_view())
    assert not is_public(Thing.as_view(), "thing")


# -- language ----------------------------------------------------------------------------------------------------------
def test_language_when_signed_in_then_the_accounts_wins_over_the_cookie_and_the_browser(client: Client) -> None:
    sign_in(client, UserFactory.create(language="ar"))
    client.cookies["django_language"] = "en"

    page = client.get("/profile/", headers={"Accept-Language": "fr"})

    assert page["Content-Language"] == "ar"
    assert 'lang="ar" dir="rtl"' in page.content.decode()


def test_language_when_chosen_signed_in_then_it_is_kept_on_the_account_for_every_device(client: Client) -> None:
    user = UserFactory.create(language="fr")
    sign_in(client, user)
    elsewhere = sign_in(Client(), user)

    response = client.post(reverse("set_language"), {"language": "en", "next": "/profile/"})

    assert (response.status_code, response["Location"]) == (302, "/profile/")
    user.refresh_from_db()
    assert user.language == "en"
    assert elsewhere.get("/profile/")["Content-Language"] == "en"


def test_language_when_chosen_by_nobody_then_a_cookie_keeps_it(client: Client) -> None:
    client.post(reverse("set_language"), {"language": "ar", "next": "/accounts/login/"})

    assert client.get("/accounts/login/")["Content-Language"] == "ar"


@pytest.mark.parametrize("language", ["xx", "", "a\x00", "fr" * 500])
def test_language_when_not_offered_then_nothing_changes(client: Client, language: str) -> None:
    user = UserFactory.create(language="fr")
    sign_in(client, user)

    assert client.post(reverse("set_language"), {"language": language}).status_code == 302
    user.refresh_from_db()
    assert user.language == "fr"


def test_language_when_next_leads_elsewhere_then_it_is_ignored(client: Client) -> None:
    assert client.post(reverse("set_language"), {"language": "fr", "next": "https://evil.example/"})["Location"] == "/"


def test_language_when_asked_by_get_then_405(client: Client) -> None:
    assert client.get(reverse("set_language")).status_code == 405


# -- profile -----------------------------------------------------------------------------------------------------------
def test_profile_when_saved_then_name_and_language_change_and_the_page_says_so(client: Client) -> None:
    user = UserFactory.create()
    sign_in(client, user)

    response = client.post("/profile/", {"full_name": "  Amina   El Fassi ", "language": "ar"}, follow=True)

    user.refresh_from_db()
    assert (user.full_name, user.language) == ("Amina El Fassi", "ar")
    assert response.redirect_chain == [("/profile/", 302)]
    assert len(list(response.context["messages"])) == 1


@pytest.mark.parametrize("name", ["", "   ", "x" * 151, "a\x00b"])
def test_profile_when_the_name_is_wrong_then_the_form_comes_back_with_what_was_typed(client: Client, name: str) -> None:
    user = UserFactory.create(full_name="Amina")
    sign_in(client, user)

    page = client.post("/profile/", {"full_name": name, "language": "fr"})

    assert page.status_code == 422
    assert page.context["form"].errors.keys() == {"full_name"}
    user.refresh_from_db()
    assert user.full_name == "Amina"


def test_profile_when_other_fields_are_sent_then_they_change_nothing(client: Client) -> None:
    user = UserFactory.create()
    sign_in(client, user)
    sent = {"full_name": "Amina", "language": "fr", "is_staff": "1", "is_superuser": "1", "email": "x@example.ma", "pk": "1"}

    client.post("/profile/", sent)

    before = user.email
    user.refresh_from_db()
    assert (user.email, user.is_staff, user.is_superuser) == (before, False, False)


# -- every page of the front door, in each language --------------------------------------------------------------------
PAGES = [
    "account_change_password",
    "account_logout",
    "account_reauthenticate",
    "mfa_add_webauthn",
    "mfa_deactivate_totp",
    "mfa_generate_recovery_codes",
    "mfa_index",
    "mfa_list_webauthn",
    "mfa_reauthenticate",
    "mfa_view_recovery_codes",
    "profile",
    "usersessions_list",
]


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
def test_pages_when_opened_by_somebody_with_factors_then_each_shows_in_the_accounts_language(client: Client, language: str) -> None:
    user = UserFactory.create(language=language)
    sign_in(client, user)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert client.get(reverse("mfa_activate_totp")).status_code == 200
    give_totp(user, codes=True)
    for name in PAGES:
        page = client.get(reverse(name))
        assert (page.status_code, page["Content-Language"]) == (200, language), name
        assert "{%" not in page.content.decode(), name


def test_profile_when_opened_then_its_form_and_the_ways_onward_are_there(client: Client) -> None:
    sign_in(client, UserFactory.create(full_name="Amina El Fassi"))

    text = client.get("/profile/").content.decode()

    assert 'value="Amina El Fassi"' in text
    for name in ("mfa_index", "account_change_password", "usersessions_list"):
        assert f'href="{reverse(name)}"' in text
