"""Every act on the partnership's nouns, one row each: the portal and the administration make their buttons from them."""

from partnership.acts.actions import ACTION_ACTS
from partnership.acts.commitments import COMMITMENT_ACTS
from partnership.acts.conventions import CONVENTION_ACTS
from partnership.acts.organisations import AFFILIATION_ACTS, INVITATION_ACTS, MANDATE_ACTS, ORGANISATION_ACTS
from partnership.acts.records import API_CLIENT_ACTS, AXIS_ACTS, DOCUMENT_ACTS, EVIDENCE_ACTS, PARTY_ACTS, PERSON_ACTS

__all__ = [
    "ACTION_ACTS",
    "AFFILIATION_ACTS",
    "API_CLIENT_ACTS",
    "AXIS_ACTS",
    "COMMITMENT_ACTS",
    "CONVENTION_ACTS",
    "DOCUMENT_ACTS",
    "EVIDENCE_ACTS",
    "INVITATION_ACTS",
    "MANDATE_ACTS",
    "ORGANISATION_ACTS",
    "PARTY_ACTS",
    "PERSON_ACTS",
]
