"""Signed links."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from core import clock
from core.errors import Invalid
from core.links import LinkRefused, open_link, read_link, revoke_links, sign_link
from core.models import SignedLink
from tests.factories.partnership import OrganisationFactory
from tests.factories.threads import at_once

if TYPE_CHECKING:
    from partnership.models import Organisation

pytestmark = pytest.mark.django_db


def _link(about: Organisation, **more: Any) -> str:
    return sign_link(purpose="answer", about=about, expires_at=clock.now() + timedelta(days=7), **more)


def test_link_when_signed_then_only_its_digest_is_stored() -> None:
    token = _link(OrganisationFactory())

    row = SignedLink.objects.get()

    assert row.digest == hashlib.sha256(token.encode()).hexdigest()
    assert token not in str(vars(row))
    assert len(token) == 43


def test_link_when_opened_then_gives_its_object_and_counts_the_use() -> None:
    organisation = OrganisationFactory()
    token = _link(organisation)

    assert read_link(purpose="answer", token=token) == organisation
    assert open_link(purpose="answer", token=token) == organisation
    assert SignedLink.objects.get().uses == 1


def test_link_when_expired_used_revoked_unknown_or_of_another_purpose_then_gives_one_same_answer() -> None:
    organisation = OrganisationFactory()
    expired, used, revoked, other = (_link(organisation, max_uses=1) for _ in range(4))
    SignedLink.objects.filter(digest=hashlib.sha256(expired.encode()).hexdigest()).update(expires_at=clock.now() - timedelta(seconds=1))
    open_link(purpose="answer", token=used)
    SignedLink.objects.filter(digest=hashlib.sha256(revoked.encode()).hexdigest()).update(revoked_at=clock.now())

    answers = set()
    for purpose, token in [
        ("answer", expired), ("answer", used), ("answer", revoked), ("confirm", other), ("answer", "unknown"), ("answer", "\x00\ud800"),
    ]:  # fmt: skip
        for attempt in (read_link, open_link):
            with pytest.raises(LinkRefused) as refused:
                attempt(purpose=purpose, token=token)
            answers.add((refused.value.status, refused.value.code, str(refused.value)))

    assert len(answers) == 1


def test_link_when_its_object_is_gone_then_is_refused() -> None:
    organisation = OrganisationFactory()
    token = _link(organisation)
    organisation.delete()

    with pytest.raises(LinkRefused):
        open_link(purpose="answer", token=token)


def test_links_when_revoked_then_those_of_the_object_and_purpose_end() -> None:
    organisation, other = OrganisationFactory(), OrganisationFactory()
    mine, theirs = _link(organisation), _link(other)

    assert revoke_links(about=organisation, purpose="confirm") == 0
    assert revoke_links(about=organisation) == 1

    assert open_link(purpose="answer", token=theirs) == other
    with pytest.raises(LinkRefused):
        open_link(purpose="answer", token=mine)


def test_link_when_it_would_be_born_expired_or_useless_then_is_refused() -> None:
    organisation = OrganisationFactory()

    with pytest.raises(Invalid):
        sign_link(purpose="answer", about=organisation, expires_at=clock.now())
    with pytest.raises(Invalid):
        _link(organisation, max_uses=0)
    assert SignedLink.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_link_of_one_use_when_opened_by_ten_at_once_then_opens_once() -> None:
    token = _link(OrganisationFactory(), max_uses=1)

    outcomes = at_once(*[lambda: open_link(purpose="answer", token=token)] * 10)

    assert sum(isinstance(outcome, LinkRefused) for outcome in outcomes) == 9
