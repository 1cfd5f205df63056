"""The roles, described in this one place: a migration creates the staff groups from it, the admin and the tests read it."""

from __future__ import annotations

from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class StaffRole(TextChoices):
    """What a member of ONMT's staff may do; several can be held. Stored as Django groups of the same name."""

    CONVENTION_MANAGER = "convention_manager", _("Convention manager")
    TASKFORCE_OFFICER = "taskforce_officer", _("Task-force officer")
    DOMESTIC_OFFICER = "domestic_officer", _("Domestic-tourism officer")
    TRAINING_OFFICER = "training_officer", _("Digital-training officer")
    ACCOUNT_MANAGER = "account_manager", _("Accounts manager")
    AUDITOR = "auditor", _("Auditor (read only)")


STAFF_ROLE_HELP = {
    StaffRole.CONVENTION_MANAGER: _(
        "Runs the conventions: registers organisations, opens and moves conventions, answers for ONMT in the ledger, "
        "verifies actions, asks for reports."
    ),
    StaffRole.TASKFORCE_OFFICER: _(
        "Follows the actions of the two task forces and registers organisations; decides nothing in the ledger."
    ),
    StaffRole.DOMESTIC_OFFICER: _("Follows the actions of the domestic-tourism strand and registers organisations."),
    StaffRole.TRAINING_OFFICER: _("Follows the actions of the digital strand and registers organisations."),
    StaffRole.ACCOUNT_MANAGER: _(
        "Opens and closes staff accounts, gives roles, invites an organisation's first administrator, issues partners' API access."
    ),
    StaffRole.AUDITOR: _("Reads everything, the audit trail included; writes nothing."),
}

# The staff roles that may write operational content (organisations, actions); the auditor is in none.
OPERATING_ROLES = frozenset(
    {StaffRole.CONVENTION_MANAGER, StaffRole.TASKFORCE_OFFICER, StaffRole.DOMESTIC_OFFICER, StaffRole.TRAINING_OFFICER}
)


def operates(actor: object) -> bool:
    """Whether `actor` is staff who run the portal: what the cellar's own acts ask (setting STAFF_OPERATES)."""
    return not OPERATING_ROLES.isdisjoint(getattr(actor, "staff_roles", ()))


def protects(actor: object) -> bool:
    """Whether `actor` answers for personal data: the accounts managers (setting STAFF_PROTECTS)."""
    return StaffRole.ACCOUNT_MANAGER in getattr(actor, "staff_roles", ())


def protectors() -> list[Any]:
    """The accounts that answer for personal data (setting PRIVACY_STAFF). One query."""
    from accounts.models import User

    managers = User.objects.filter(is_active=True, is_staff=True, groups__name=StaffRole.ACCOUNT_MANAGER.value)
    return list(managers.order_by("full_name", "id"))


class MandateRole(TextChoices):
    """What a person may do for an organisation in the portal."""

    ADMINISTRATOR = "administrator", _("Administrator")
    MEMBER = "member", _("Member")
    READER = "reader", _("Reader")


MANDATE_ROLE_HELP = {
    MandateRole.ADMINISTRATOR: _("Acts for the organisation, keeps its profile, invites and removes colleagues."),
    MandateRole.MEMBER: _("Acts for the organisation: declares, confirms, contests, reports."),
    MandateRole.READER: _("Sees what the organisation sees; changes nothing."),
}
