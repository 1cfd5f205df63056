"""The ground floor's reports."""

from partnership.reports.monthly import request_monthly
from partnership.reports.progress import ProgressReport

__all__ = ["ProgressReport", "request_monthly"]
