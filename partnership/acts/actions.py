"""Every act on an action: carrying it, verifying it, giving it up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

from core.acts import Act
from partnership.choices import ActionStatus
from partnership.forms.acts import AddEvidenceForm, CompleteForm, NoteForm, ProgressForm, ReasonForm
from partnership.permissions import ledger as may
from partnership.services import actions, evidence

if TYPE_CHECKING:
    from collections.abc import Sequence

ACTION_ACTS: Final[Sequence[Act]] = (
    Act(
        slug="start",
        label=_("Start"),
        title=_("Start this action?"),
        icon="player-play",
        consequences=_("It shows as in progress to the parties."),
        done=_("The action is in progress."),
        can=may.can_carry_action,
        service=actions.start_action,
        since=frozenset({ActionStatus.TODO, ActionStatus.BLOCKED, ActionStatus.RETURNED}),
        target="action",
        to=ActionStatus.IN_PROGRESS,
    ),
    Act(
        slug="progress",
        label=_("Report progress"),
        title=_("Report progress"),
        icon="progress-check",
        consequences=_("Say how far the work is. Everything else stays as it is."),
        done=_("Progress recorded."),
        can=may.can_carry_action,
        service=actions.report_progress,
        since=frozenset({ActionStatus.TODO, ActionStatus.IN_PROGRESS, ActionStatus.BLOCKED, ActionStatus.RETURNED}),
        target="action",
        form=ProgressForm,
    ),
    Act(
        slug="complete",
        label=_("Mark as done"),
        title=_("Mark this action as done"),
        icon="check",
        colour="primary",
        consequences=_("A second person is asked to verify it. You can reopen it until then."),
        done=_("Marked as done. A second person is asked to verify it."),
        undo="reopen",
        can=may.can_carry_action,
        service=actions.complete_action,
        target="action",
        to=ActionStatus.DONE,
        form=CompleteForm,
    ),
    Act(
        slug="block",
        label=_("Report a blockage"),
        title=_("Report a blockage"),
        icon="alert-triangle",
        consequences=_("The action shows as blocked, with your reason, until you start it again."),
        done=_("The blockage is recorded."),
        can=may.can_carry_action,
        service=actions.block_action,
        target="action",
        to=ActionStatus.BLOCKED,
        form=ReasonForm,
    ),
    Act(
        slug="reopen",
        label=_("Reopen"),
        title=_("Reopen this action?"),
        icon="arrow-left",
        consequences=_("It is in progress again, and nobody is asked to verify it."),
        done=_("The action is in progress again."),
        can=may.can_carry_action,
        service=actions.reopen_action,
        since=frozenset({ActionStatus.DONE}),
        target="action",
        to=ActionStatus.IN_PROGRESS,
    ),
    Act(
        slug="verify",
        label=_("Verify"),
        title=_("Verify this action?"),
        icon="shield-check",
        colour="primary",
        consequences=_("You state that the work was done as described. This cannot be taken back."),
        done=_("Action verified."),
        can=may.can_verify_action,
        service=actions.verify_action,
        target="action",
        to=ActionStatus.VERIFIED,
        form=NoteForm,
    ),
    Act(
        slug="return",
        label=_("Return"),
        title=_("Return this action to its owner?"),
        icon="message-report",
        danger=True,
        consequences=_("Its owner is told at once, with your reason, and takes it up again."),
        done=_("Action returned to its owner, with your reason."),
        can=may.can_return_action,
        service=actions.return_action,
        target="action",
        to=ActionStatus.RETURNED,
        form=ReasonForm,
    ),
    Act(
        slug="cancel",
        label=_("Cancel the action"),
        title=_("Cancel this action?"),
        icon="ban",
        danger=True,
        consequences=_("Nothing more is expected of its owner, and its reminders stop. It stays readable with your reason."),
        done=_("Action cancelled."),
        can=may.can_cancel_action,
        service=actions.cancel_action,
        target="action",
        to=ActionStatus.CANCELLED,
        form=ReasonForm,
    ),
    Act(
        slug="add-evidence",
        label=_("Add evidence"),
        title=_("Add evidence"),
        icon="paperclip",
        consequences=_("The owner and the parties can open it."),
        done=_("Evidence added."),
        can=may.can_add_action_evidence,
        service=evidence.add_evidence,
        since=frozenset({ActionStatus.TODO, ActionStatus.IN_PROGRESS, ActionStatus.BLOCKED, ActionStatus.DONE, ActionStatus.RETURNED}),
        target="action",
        form=AddEvidenceForm,
    ),
)
