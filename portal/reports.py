"""The catalogue: every report that can be asked for, in the order it is shown."""

from __future__ import annotations

from partnership.reports import ProgressReport

CATALOGUE = (ProgressReport(),)
