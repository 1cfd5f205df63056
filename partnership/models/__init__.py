"""The ground floor's tables."""

from partnership.models.action import Action
from partnership.models.commitment import Commitment, Evidence
from partnership.models.convention import Axis, Convention, Party
from partnership.models.document import Document, DocumentVersion
from partnership.models.organisation import Affiliation, ApiClient, Organisation
from partnership.models.person import Invitation, Mandate, Person
from partnership.models.territory import Destination, Region

__all__ = [
    "Action",
    "Affiliation",
    "ApiClient",
    "Axis",
    "Commitment",
    "Convention",
    "Destination",
    "Document",
    "DocumentVersion",
    "Evidence",
    "Invitation",
    "Mandate",
    "Organisation",
    "Party",
    "Person",
    "Region",
]
