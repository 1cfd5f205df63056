"""The catalogue: every report that can be asked for, in the order it is shown; and every kind of job there is."""

from __future__ import annotations

from core.imports.work import WORKS
from core.privacy.export import MyData
from core.privacy.report import RegisterReport
from partnership.imports import ActionExport, AffiliationExport, OrganisationExport
from partnership.reports import ProgressReport

CATALOGUE = (ProgressReport(), OrganisationExport(), AffiliationExport(), ActionExport())
# What a worker can be asked to do: the catalogue, and what is asked for from a page of its own.
JOBS = (*CATALOGUE, RegisterReport(), MyData(), *WORKS)
