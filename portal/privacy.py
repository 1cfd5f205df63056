"""The register of processing, assembled: whose data, where, how long. The cellar reads it through settings.PRIVACY."""

from __future__ import annotations

import accounts.privacy
import accounts.retention
import core.privacy.rules
import partnership.privacy
import partnership.retention
import partnership.selectors.erasure

CONTROLLER = accounts.privacy.CONTROLLER
PROCESSINGS = (*accounts.privacy.PROCESSINGS, *partnership.privacy.PROCESSINGS)
RETENTION = (*accounts.privacy.RETENTION, *partnership.privacy.RETENTION)
HOLDINGS = (*accounts.privacy.HOLDINGS, *partnership.privacy.HOLDINGS)
RULES = (*accounts.retention.RULES, *core.privacy.rules.RULES, *partnership.retention.RULES)
subject_of = partnership.privacy.subject_of
consequences = partnership.selectors.erasure.consequences
