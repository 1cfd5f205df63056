"""The matrix once more with the application's filters switched off: PostgreSQL alone hides the rows of others."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest

from partnership.querysets import ConventionQuerySet, ScopedQuerySet
from tests.api import test_rights as api
from tests.portal import test_competitor as pages

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.test import Client

    from tests.api.test_rights import Scene
    from tests.factories.everything import Everything

pytestmark = pytest.mark.django_db

# The fixtures of the two matrices that are run again here.
scene = api.scene
things = pages.things


@pytest.fixture(autouse=True)
def _filters_off(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Somebody has forgotten every filter at once. What one may do to a row (`permissions`) still answers."""

    def everything(queryset: Any, *_user: Any) -> Any:
        return queryset.all()

    monkeypatch.setattr(ScopedQuerySet, "visible_to", everything)
    for name in ("of_parties", "published"):
        monkeypatch.setattr(ConventionQuerySet, name, everything)
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def test_an_id_when_it_is_a_competitors_then_the_database_answers_as_for_one_that_never_was(things: Everything) -> None:
    pages.test_an_id_when_it_is_a_competitors_then_answers_as_one_that_never_was(things)


@pytest.mark.parametrize("role", ["operator", "competitor"])
def test_the_pages_when_nothing_is_filtered_then_hold_nothing_of_the_parties_or_of_a_competitor(things: Everything, role: str) -> None:
    pages.test_the_pages_of_an_operator_when_read_one_by_one_then_hold_nothing_of_the_parties_or_of_a_competitor(things, role)


def test_a_choice_when_nothing_is_filtered_then_is_refused_as_one_that_never_was(things: Everything, client: Client) -> None:
    pages.test_a_choice_when_it_is_somebody_elses_then_is_refused_as_one_that_never_was(things, client)


@pytest.mark.parametrize("role", ["anonymous", "operator", "competitor", "reader", "token"])
def test_the_api_when_nothing_is_filtered_then_hides_what_is_anothers(role: str, scene: Scene) -> None:
    api.test_what_does_not_exist_and_what_is_anothers_answer_alike(role, scene)


@pytest.mark.parametrize("role", ["anonymous", "operator", "competitor", "cnt", "reader", "token"])
def test_the_lists_of_the_api_when_nothing_is_filtered_then_hold_nothing_of_the_others(role: str, scene: Scene) -> None:
    api.test_a_list_holds_what_the_role_sees_and_nothing_of_the_others(role, scene)


# -- without either wall these very tests fail ---------------------------------------------------------------------------
@pytest.mark.usefixtures("first_wall_alone")
def test_the_pages_when_neither_wall_stands_then_the_matrix_says_so(things: Everything) -> None:
    with pytest.raises(AssertionError, match="Étude secrète de Rif"):
        pages.test_the_pages_of_an_operator_when_read_one_by_one_then_hold_nothing_of_the_parties_or_of_a_competitor(things, "operator")
    with pytest.raises(AssertionError, match=r"get .*: 200, missing: 404"):
        pages.test_an_id_when_it_is_a_competitors_then_answers_as_one_that_never_was(things)


@pytest.mark.usefixtures("first_wall_alone")
def test_the_api_when_neither_wall_stands_then_the_matrix_says_so(scene: Scene) -> None:
    with pytest.raises(AssertionError, match="foreign: competitor"):
        api.test_what_does_not_exist_and_what_is_anothers_answer_alike("competitor", scene)
    with pytest.raises(AssertionError, match=r"competitor (get|GET)"):
        api.test_a_list_holds_what_the_role_sees_and_nothing_of_the_others("competitor", scene)
