"""Every act on the partnership's nouns, one row each: the portal and the administration make their buttons from them."""

from partnership.acts.ledger import ACTION_ACTS, COMMITMENT_ACTS, CONVENTION_ACTS
from partnership.acts.organisations import AFFILIATION_ACTS, INVITATION_ACTS, MANDATE_ACTS, ORGANISATION_ACTS

__all__ = [
    "ACTION_ACTS",
    "AFFILIATION_ACTS",
    "COMMITMENT_ACTS",
    "CONVENTION_ACTS",
    "INVITATION_ACTS",
    "MANDATE_ACTS",
    "ORGANISATION_ACTS",
]
