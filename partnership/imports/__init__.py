"""What can be imported on the ground floor, and the exports that imports take back."""

from partnership.imports.actions import ActionExport, ActionImport
from partnership.imports.affiliations import AffiliationExport, AffiliationImport
from partnership.imports.organisations import OrganisationExport, OrganisationImport

__all__ = ["ActionExport", "ActionImport", "AffiliationExport", "AffiliationImport", "OrganisationExport", "OrganisationImport"]
