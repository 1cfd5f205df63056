"""The pages that somebody opens first on a restored portal: each must answer, with its rows."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import django

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accounts.models import User


def addresses(secretariat: User) -> Iterator[tuple[str, str]]:
    """(who asks, address): nobody, the CNT's secretariat, ONMT's convention manager."""
    from partnership.models import Commitment, Convention, Document, DocumentVersion

    convention = Convention.objects.order_by("created_at")[0]
    read = Document.objects.visible_to(secretariat)
    version = DocumentVersion.objects.filter(document__in=read).order_by("created_at")[0]
    yield from (("", "/health/ready"), ("", "/accounts/login/"), ("", "/public/"), ("", f"/public/{convention.pk}/"))
    for address in (
        "/", "/conventions/", f"/conventions/{convention.pk}/", f"/commitments/{Commitment.objects.all()[0].pk}/", "/actions/",
        "/organisations/", "/notifications/", "/reports/", f"/documents/{version.document_id}/file/",
    ):  # fmt: skip
        yield "secretariat", address
    yield from (("manager", "/admin/"), ("manager", f"/admin/partnership/convention/{convention.pk}/change/"))


def main() -> int:
    """Open them all; one line that says how many answered."""
    django.setup()
    from django.test import Client

    from accounts.models import User
    from accounts.roles import MandateRole, StaffRole
    from partnership.models import Mandate
    from tests.factories.accounts import sign_in

    acting = Mandate.objects.filter(organisation__acronym="CNT", role=MandateRole.ADMINISTRATOR, person__user__is_active=True)
    mandate = acting.select_related("person__user").order_by("created_at")[0]
    secretariat = mandate.person.user
    assert secretariat is not None
    people = {
        "secretariat": secretariat,
        "manager": User.objects.filter(groups__name=StaffRole.CONVENTION_MANAGER.value).order_by("email")[0],
    }
    clients = {"": Client()} | {name: sign_in(Client(), user) for name, user in people.items()}
    refused = []
    asked = list(addresses(secretariat))
    for who, address in asked:
        answer = clients[who].get(address)
        if answer.status_code != 200 or not (answer.getvalue() if answer.streaming else answer.content):
            refused.append(f"{address} as {who or 'nobody'}: {answer.status_code}")
    sys.stdout.write(f"{len(asked) - len(refused)} of {len(asked)} addresses answered\n" + "".join(f"{line}\n" for line in refused))
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
