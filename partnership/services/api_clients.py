"""An organisation's programs: their access to the API is issued once, for a year at most, and can be taken back at any time."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from allauth.idp.oidc.models import Client, Token
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from core import audit, clock
from core.errors import Conflict, Invalid
from core.rights import require
from core.states import lock
from core.validation import check_reason, check_text
from partnership.choices import SCOPES
from partnership.models import ApiClient, Organisation
from partnership.permissions.api_clients import can_issue_api_client, can_revoke_api_client
from partnership.querysets import organisations_of, sees_everything

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from uuid import UUID

    from django.db.models import QuerySet

    from accounts.models import User
    from core.actors import Actor

LONGEST_VALIDITY: Final = timedelta(days=365)


def _visible_clients(by: Actor) -> QuerySet[ApiClient]:
    """Staff see every access; the others those of their organisations."""
    clients: QuerySet[ApiClient] = ApiClient.objects.all()
    return clients if sees_everything(by) else clients.filter(organisation__in=organisations_of(by))


def _clean_scopes(scopes: Iterable[str]) -> list[str]:
    asked = set(scopes)
    if not asked:
        raise Invalid(_("Choose at least one right."), code="required", field="scopes")
    if not asked <= SCOPES.keys():
        raise Invalid(_("This right does not exist."), code="scope", field="scopes")
    return [name for name in SCOPES if name in asked]


def _check_validity(expires_on: date) -> None:
    today = clock.today()
    if expires_on < today:
        raise Invalid(_("The last day of validity is in the past."), code="past", field="expires_on")
    if expires_on > today + LONGEST_VALIDITY:
        raise Invalid(_("An access is valid for a year at most; it can then be issued again."), code="too_far", field="expires_on")


def issue_api_client(*, organisation: UUID, label: str, scopes: Iterable[str], expires_on: date, by: User) -> tuple[ApiClient, str]:
    """Give an organisation's program access to the API until the end of `expires_on`; the secret is given back this once only.

    The program asks the token endpoint for tokens of an hour, by OAuth2 client credentials, within `scopes`. Only digests of the
    secret and of the tokens are stored. Refuses: DoesNotExist when the organisation is hidden; Forbidden; Invalid on label,
    scopes, expires_on.
    """
    with audit.act(by=by, reason=gettext_noop("API access issued")):
        owner = lock(Organisation.objects.visible_to(by), organisation)
        require(
            can_issue_api_client(by, owner),
            _("Only an accounts manager gives access to the API, and only to an organisation in good standing."),
        )
        name, rights = check_text(label, field="label", maximum=100), _clean_scopes(scopes)
        _check_validity(expires_on)
        secret = secrets.token_urlsafe(32)
        client = Client(name=name, type=Client.Type.CONFIDENTIAL)
        client.set_grant_types([Client.GrantType.CLIENT_CREDENTIALS])
        client.set_response_types([])
        client.set_scopes(rights)
        client.set_default_scopes(rights)
        client.set_secret(secret)
        client.save(force_insert=True)
        access = ApiClient.objects.create(organisation=owner, client=client, label=name, expires_on=expires_on, created_by_id=by.pk)
    return access, secret


def revoke_api_client(*, client: UUID, by: Actor, reason: str) -> ApiClient:
    """Take an access back, at once: its tokens are deleted and its secret opens nothing any more. `client` is the ApiClient's id.

    Refuses: DoesNotExist when hidden; Forbidden; Invalid on reason; Conflict when it is revoked already.
    """
    with audit.act(by=by, reason=check_reason(reason)):
        access = lock(_visible_clients(by), client)
        require(can_revoke_api_client(by, access), _("Only an accounts manager or an administrator of the organisation may do this."))
        if access.revoked_at is not None:
            raise Conflict(_("This access is revoked already."), code="forbidden_transition")
        access.revoked_at = clock.now()
        access.save(update_fields=["revoked_at", "updated_at"])
        Token.objects.filter(client_id=access.client_id).delete()
    return access
