"""The catalogue: everything that can be imported, in the order it is shown."""

from __future__ import annotations

from partnership.imports import ActionImport, AffiliationImport, OrganisationImport

CATALOGUE = (OrganisationImport(), AffiliationImport(), ActionImport())
