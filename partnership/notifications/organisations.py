"""What is told about organisations, affiliations, mandates and invitations."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.mail import Message


class OrganisationMoved(Message):
    """To the people of an organisation vouched for, suspended, reinstated or closed."""

    kind = "organisation_moved"
    label = _("The state of my organisation changes")
    template = "partnership/emails/organisation_moved"
    urgent = True
    compulsory = True


class AffiliationMoved(Message):
    """To the administrators of the member and of the body."""

    kind = "affiliation_moved"
    label = _("A membership is suspended, resumed or ended")
    template = "partnership/emails/affiliation_moved"


class MandateGiven(Message):
    """To the person who may act for one more organisation."""

    kind = "mandate_given"
    label = _("I am given a role in an organisation")
    template = "partnership/emails/mandate_given"
    compulsory = True


class MandateChanged(Message):
    """To the person whose role changed."""

    kind = "mandate_changed"
    label = _("My role in an organisation changes")
    template = "partnership/emails/mandate_changed"
    compulsory = True


class MandateEnded(Message):
    """To the person who no longer acts for an organisation."""

    kind = "mandate_ended"
    label = _("My role in an organisation ends")
    template = "partnership/emails/mandate_ended"
    compulsory = True


class InvitationAccepted(Message):
    """To whoever sent the invitation."""

    kind = "invitation_accepted"
    label = _("Somebody I invited has joined")
    template = "partnership/emails/invitation_accepted"


MESSAGES = (OrganisationMoved, AffiliationMoved, MandateGiven, MandateChanged, MandateEnded, InvitationAccepted)
