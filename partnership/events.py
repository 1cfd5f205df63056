"""The names of what happens on the ground floor. The roof subscribes services to them, webhooks carry them: they never change."""

from typing import Final

CONVENTION_CREATED: Final = "convention.created"
CONVENTION_UPDATED: Final = "convention.updated"
CONVENTION_MOVED: Final = "convention.moved"

COMMITMENT_CREATED: Final = "commitment.created"
COMMITMENT_UPDATED: Final = "commitment.updated"
COMMITMENT_STARTED: Final = "commitment.started"
COMMITMENT_DECLARED: Final = "commitment.declared"
COMMITMENT_WITHDRAWN: Final = "commitment.withdrawn"
COMMITMENT_CONFIRMED: Final = "commitment.confirmed"
COMMITMENT_CONTESTED: Final = "commitment.contested"
COMMITMENT_ARBITRATED: Final = "commitment.arbitrated"
COMMITMENT_CANCELLED: Final = "commitment.cancelled"

EVIDENCE_ADDED: Final = "evidence.added"
EVIDENCE_REMOVED: Final = "evidence.removed"

ACTION_OPENED: Final = "action.opened"
ACTION_UPDATED: Final = "action.updated"
ACTION_STARTED: Final = "action.started"
ACTION_PUT_BACK: Final = "action.put_back"
ACTION_PROGRESSED: Final = "action.progressed"
ACTION_BLOCKED: Final = "action.blocked"
ACTION_DONE: Final = "action.done"
ACTION_VERIFIED: Final = "action.verified"
ACTION_RETURNED: Final = "action.returned"
ACTION_REOPENED: Final = "action.reopened"
ACTION_CANCELLED: Final = "action.cancelled"

DOCUMENT_ADDED: Final = "document.added"
DOCUMENT_VERSION_ADDED: Final = "document.version_added"
DOCUMENT_REMOVED: Final = "document.removed"
DOCUMENT_RESTORED: Final = "document.restored"

ORGANISATION_REGISTERED: Final = "organisation.registered"
ORGANISATION_UPDATED: Final = "organisation.updated"
ORGANISATION_MOVED: Final = "organisation.moved"

AFFILIATION_OPENED: Final = "affiliation.opened"
AFFILIATION_MOVED: Final = "affiliation.moved"

MANDATE_GIVEN: Final = "mandate.given"
MANDATE_CHANGED: Final = "mandate.changed"
MANDATE_ENDED: Final = "mandate.ended"

INVITATION_SENT: Final = "invitation.sent"
INVITATION_RENEWED: Final = "invitation.renewed"
INVITATION_REVOKED: Final = "invitation.revoked"
INVITATION_ACCEPTED: Final = "invitation.accepted"
