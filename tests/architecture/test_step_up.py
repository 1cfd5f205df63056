"""What gives rights, signs, decides or exports says that it needs a recent proof of who asks; no door does it without."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin

from accounts.admin import ACCOUNT_ACTS
from accounts.stepup import needs_fresh_proof
from core.admin.base import BaseAdmin
from partnership.acts import (
    ACTION_ACTS,
    AFFILIATION_ACTS,
    API_CLIENT_ACTS,
    COMMITMENT_ACTS,
    CONVENTION_ACTS,
    INVITATION_ACTS,
    MANDATE_ACTS,
    ORGANISATION_ACTS,
    PERSON_ACTS,
)
from tests.architecture import house
from tests.architecture.test_addresses import _endpoint, addresses

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.acts import Act

ACTS: dict[str, Sequence[Act]] = {
    "account": ACCOUNT_ACTS, "action": ACTION_ACTS, "affiliation": AFFILIATION_ACTS, "api client": API_CLIENT_ACTS,
    "commitment": COMMITMENT_ACTS, "convention": CONVENTION_ACTS, "invitation": INVITATION_ACTS, "mandate": MANDATE_ACTS,
    "organisation": ORGANISATION_ACTS, "person": PERSON_ACTS,
}  # fmt: skip
# A new sensitive act is added here, on purpose.
SENSITIVE = {
    "account": {"roles", "email", "reset-factor", "reopen", "close", "erase"},
    "commitment": {"arbitrate"},
    "convention": {"sign", "denounce"},
    "invitation": {"renew"},
    "mandate": {"role", "end"},
    "person": {"link", "erase"},
}
# Views that ask at once, whatever they are given, with their reason.
VIEWS = {
    "portal:report_new": "export of commercial data",
    "portal:import_new": "writes rows by the hundred",
    "portal:report_file": "export of commercial data",
    "partnership:organisation_invite": "gives a right",
    "session_end": "ends somebody's session",
    "admin:accounts_user_add": "gives staff roles",
    "admin:partnership_mandate_add": "gives a right",
    "admin:partnership_invitation_add": "gives a right",
    "admin:partnership_apiclient_add": "gives a program the API",
}


def test_an_act_when_it_is_sensitive_then_it_asks_for_a_recent_proof_and_the_others_do_not() -> None:
    found = {noun: {act.slug for act in acts if act.step_up} for noun, acts in ACTS.items()}

    assert {noun: slugs for noun, slugs in found.items() if slugs} == SENSITIVE


def test_a_view_when_it_is_sensitive_then_it_asks_for_a_recent_proof_and_the_others_do_not() -> None:
    asking = {
        address.name
        for address in addresses()
        if needs_fresh_proof(address.view, method="GET", url_name=address.name.rsplit(":", 1)[-1], kwargs={})
    }

    assert asking == set(VIEWS)


def test_an_address_of_acts_when_served_then_says_which_acts_they_are() -> None:
    """Otherwise nothing could be asked before an act is done."""
    silent = [
        address.name
        for address in addresses()
        if address.name.endswith(("_act", "_bulk"))
        and not hasattr(address.view, "acts")
        and address.name not in {"portal:report_act", "portal:import_act"}
    ]

    house.nothing(sorted(set(silent)))


def test_a_page_of_the_administration_when_it_has_sensitive_acts_then_its_address_knows_them() -> None:
    wrong = []
    for model, page in admin.site._registry.items():
        if not isinstance(page, BaseAdmin) or not any(act.step_up for act in page.acts):
            continue
        named: list[Any] = [pattern for pattern in page.get_urls() if str(pattern.name).endswith(("_act", "_bulk"))]
        wrong += [f"{model.__name__} {pattern.name}" for pattern in named if pattern.callback.acts != page.acts]
    house.nothing(wrong)


def test_the_api_when_walked_then_does_no_sensitive_act() -> None:
    """A session may call the API, where nobody could be asked: what is sensitive is not there."""
    slugs = {slug for found in SENSITIVE.values() for slug in found}
    wrong = []
    for address in addresses():
        kind = _endpoint(address.view)
        if kind is not None:
            wrong += [f"{address.path} {name}" for name in slugs - {"end", "close", "email", "link"} if hasattr(kind, name)]
    house.nothing(wrong)
