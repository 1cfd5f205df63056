"""Every act on what surrounds the ledger: parties, axes, documents, evidence, people, API accesses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

from core.acts import Act
from core.privacy.acts import ERASE_WORDS, ErasePersonForm
from partnership.forms.records import LinkAccountForm, RecordReasonForm, VersionForm
from partnership.permissions.api_clients import can_revoke_api_client
from partnership.permissions.ledger import can_change_document, can_remove_evidence, can_update_convention
from partnership.permissions.organisations import can_erase_person, can_manage_mandates
from partnership.services import api_clients, documents, erasure, evidence, parties, people

if TYPE_CHECKING:
    from collections.abc import Sequence

PARTY_ACTS: Final[Sequence[Act]] = (
    Act(
        slug="remove",
        label=_("Take off the parties"),
        title=_("Take this organisation off the parties?"),
        consequences=_("Its people no longer see the convention. Refused once it is signed, or while a commitment names this party."),
        done=_("The organisation is no longer a party."),
        can=lambda user, obj: can_update_convention(user, obj.convention),
        service=parties.remove_party,
        target="party",
        icon="x",
        danger=True,
    ),
)

AXIS_ACTS: Final[Sequence[Act]] = (
    Act(
        slug="remove",
        label=_("Remove the axis"),
        title=_("Remove this axis?"),
        consequences=_("Refused once the convention is signed, or while commitments or actions belong to it."),
        done=_("The axis is removed."),
        can=lambda user, obj: can_update_convention(user, obj.convention),
        service=parties.remove_axis,
        target="axis",
        icon="x",
        danger=True,
    ),
)

EVIDENCE_ACTS: Final[Sequence[Act]] = (
    Act(
        slug="remove",
        label=_("Take back the evidence"),
        title=_("Take back this evidence?"),
        consequences=_("Its document is removed with it, and can be restored. Refused once what it proves is declared or done."),
        done=_("The evidence is taken back."),
        can=can_remove_evidence,
        service=evidence.remove_evidence,
        target="evidence",
        form=RecordReasonForm,
        icon="x",
        danger=True,
    ),
)

DOCUMENT_ACTS: Final[Sequence[Act]] = (
    Act(
        slug="version",
        label=_("Add a version"),
        title=_("Add a version of this document"),
        consequences=_("It becomes the version that everybody opens. The earlier ones stay readable."),
        done=_("The version is added."),
        can=can_change_document,
        service=documents.add_version,
        target="document",
        form=VersionForm,
        icon="upload",
        colour="primary",
    ),
    Act(
        slug="remove",
        label=_("Remove the document"),
        title=_("Remove this document?"),
        consequences=_("Nobody finds it any more in the portal. Its files stay, and it can be restored."),
        done=_("The document is removed."),
        can=can_change_document,
        service=documents.remove_document,
        target="document",
        form=RecordReasonForm,
        icon="x",
        danger=True,
        undo="restore",
    ),
    Act(
        slug="restore",
        label=_("Restore the document"),
        title=_("Restore this document?"),
        consequences=_("Whoever could open it opens it again."),
        done=_("The document is restored."),
        can=can_change_document,
        service=documents.restore_document,
        target="document",
        icon="refresh",
    ),
)

PERSON_ACTS: Final[Sequence[Act]] = (
    Act(
        slug="link",
        label=_("Tie to an account"),
        title=_("Tie this person to an account"),
        consequences=_("The account holds the mandates of this person from now on."),
        done=_("The person and the account are tied."),
        can=lambda user, obj: can_manage_mandates(user),
        service=people.link_account,
        target="person",
        form=LinkAccountForm,
        icon="user-plus",
        step_up=True,
    ),
    Act(can=can_erase_person, service=erasure.erase_person, target="person", form=ErasePersonForm, **ERASE_WORDS),
)

API_CLIENT_ACTS: Final[Sequence[Act]] = (
    Act(
        slug="revoke",
        label=_("Revoke the access"),
        title=_("Revoke this access to the API?"),
        consequences=_("At once: its tokens are deleted and its secret opens nothing any more. A new access can be issued."),
        done=_("The access is revoked."),
        can=can_revoke_api_client,
        service=api_clients.revoke_api_client,
        target="client",
        form=RecordReasonForm,
        icon="ban",
        danger=True,
    ),
)
