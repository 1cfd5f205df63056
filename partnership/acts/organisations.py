"""Every act on an organisation, a membership, a colleague's mandate, an invitation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

from core.acts import Act
from partnership.choices import AffiliationStatus, OrganisationStatus
from partnership.forms.organisations import DatedReasonForm, EndMandateForm, MandateRoleForm, StateReasonForm, VouchForm
from partnership.permissions import organisations as may
from partnership.services import affiliations, invitations, organisations, people

if TYPE_CHECKING:
    from collections.abc import Sequence

ORGANISATION_ACTS: Final[Sequence[Act]] = (
    Act(
        slug="admit",
        label=_("Register"),
        title=_("Register this organisation?"),
        icon="check",
        colour="primary",
        consequences=_("It is no longer prospective: it may be invited, join bodies and be vouched for."),
        done=_("The organisation is registered."),
        can=may.can_update_organisation_registry,
        service=organisations.admit_organisation,
        since=frozenset({OrganisationStatus.PROSPECTIVE}),
        target="organisation",
        to=OrganisationStatus.REGISTERED,
    ),
    Act(
        slug="vouch",
        label=_("Vouch for it"),
        title=_("Vouch for this organisation?"),
        icon="shield-check",
        colour="primary",
        consequences=_("You answer for it: its people are told, and everybody who sees it sees that it is vouched for."),
        done=_("You vouch for this organisation. Its people have been told."),
        undo="withdraw-vouch",
        can=may.can_vouch_organisation,
        service=organisations.vouch_organisation,
        target="organisation",
        to=OrganisationStatus.VOUCHED,
        form=VouchForm,
    ),
    Act(
        slug="withdraw-vouch",
        label=_("Stop vouching"),
        title=_("Stop vouching for this organisation?"),
        icon="arrow-left",
        danger=True,
        consequences=_("It is registered again, and nobody answers for it. Its people are told, with your reason."),
        done=_("Nobody vouches for this organisation any more. Its people have been told."),
        can=may.can_vouch_organisation,
        service=organisations.withdraw_vouch,
        since=frozenset({OrganisationStatus.VOUCHED}),
        target="organisation",
        to=OrganisationStatus.REGISTERED,
        form=StateReasonForm,
    ),
    Act(
        slug="reinstate",
        label=_("Reinstate"),
        title=_("Reinstate this organisation?"),
        icon="refresh",
        consequences=_("Its people can act for it again. Whoever vouched for it does so anew."),
        done=_("The organisation is registered again. Its people have been told."),
        can=may.can_reinstate_organisation,
        service=organisations.reinstate_organisation,
        since=frozenset({OrganisationStatus.SUSPENDED}),
        target="organisation",
        to=OrganisationStatus.REGISTERED,
        form=StateReasonForm,
    ),
    Act(
        slug="suspend",
        label=_("Suspend"),
        title=_("Suspend this organisation?"),
        icon="ban",
        danger=True,
        consequences=_("Its people keep reading and can no longer act for it. They are told, with your reason."),
        done=_("The organisation is suspended. Its people have been told."),
        can=may.can_suspend_organisation,
        service=organisations.suspend_organisation,
        target="organisation",
        to=OrganisationStatus.SUSPENDED,
        form=StateReasonForm,
    ),
    Act(
        slug="close",
        label=_("Close"),
        title=_("Close this organisation?"),
        icon="lock",
        danger=True,
        consequences=_(
            "For good: its mandates end today, its invitations and its API accesses are withdrawn. Refused while it is a party "
            "of a living convention or owns open actions."
        ),
        done=_("The organisation is closed."),
        can=may.can_close_organisation,
        service=organisations.close_organisation,
        target="organisation",
        to=OrganisationStatus.CLOSED,
        form=StateReasonForm,
    ),
)

AFFILIATION_ACTS: Final[Sequence[Act]] = (
    Act(
        slug="suspend",
        label=_("Suspend the membership"),
        title=_("Suspend this membership?"),
        icon="ban",
        danger=True,
        consequences=_("The body no longer vouches for its member, which is told with your reason. The membership can be resumed."),
        done=_("The membership is suspended. Both sides have been told."),
        can=may.can_suspend_affiliation,
        service=affiliations.suspend_affiliation,
        target="affiliation",
        to=AffiliationStatus.SUSPENDED,
        form=DatedReasonForm,
    ),
    Act(
        slug="resume",
        label=_("Resume the membership"),
        title=_("Resume this membership?"),
        icon="player-play",
        colour="primary",
        consequences=_("The member is active again from that day on; both sides are told."),
        done=_("The membership is active again. Both sides have been told."),
        can=may.can_resume_affiliation,
        service=affiliations.resume_affiliation,
        since=frozenset({AffiliationStatus.SUSPENDED}),
        target="affiliation",
        to=AffiliationStatus.ACTIVE,
        form=DatedReasonForm,
    ),
    Act(
        slug="withdraw",
        label=_("End the membership"),
        title=_("End this membership?"),
        icon="logout",
        danger=True,
        consequences=_("The member has left from that day on; both sides are told. It may join again later."),
        done=_("The membership has ended. Both sides have been told."),
        can=may.can_withdraw_affiliation,
        service=affiliations.withdraw_affiliation,
        target="affiliation",
        to=AffiliationStatus.WITHDRAWN,
        form=DatedReasonForm,
    ),
)

MANDATE_ACTS: Final[Sequence[Act]] = (
    Act(
        slug="role",
        label=_("Change the role"),
        title=_("Change what this colleague may do"),
        icon="pencil",
        colour="primary",
        consequences=_("The new role holds at once, and your colleague is told."),
        done=_("The role is changed. Your colleague has been told."),
        can=may.can_change_mandate,
        service=people.change_mandate_role,
        target="mandate",
        form=MandateRoleForm,
        step_up=True,
    ),
    Act(
        slug="end",
        label=_("End the mandate"),
        title=_("End this mandate?"),
        icon="logout",
        danger=True,
        consequences=_("From today this person no longer sees the organisation's data nor acts for it. What was done keeps its author."),
        done=_("The mandate has ended."),
        can=may.can_end_mandate,
        service=people.end_mandate,
        target="mandate",
        form=EndMandateForm,
        step_up=True,
    ),
)

INVITATION_ACTS: Final[Sequence[Act]] = (
    Act(
        slug="renew",
        label=_("Send a new link"),
        title=_("Send this invitation again?"),
        icon="mail-forward",
        colour="primary",
        consequences=_("A new link leaves by mail, good for seven days. The former link no longer opens anything."),
        done=_("A new link has been sent; it is good for seven days."),
        can=may.can_renew_invitation,
        service=invitations.renew_invitation,
        target="invitation",
        step_up=True,
    ),
    Act(
        slug="withdraw",
        label=_("Withdraw the invitation"),
        title=_("Withdraw this invitation?"),
        icon="x",
        danger=True,
        consequences=_("Its link no longer opens anything. You can invite the same person again."),
        done=_("The invitation is withdrawn."),
        can=may.can_revoke_invitation,
        service=invitations.revoke_invitation,
        target="invitation",
    ),
)
