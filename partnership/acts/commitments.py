"""Every act on a commitment: what its two parties and the convention managers may do to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

from core.acts import Act
from partnership.choices import CommitmentStatus
from partnership.forms.acts import AddEvidenceForm, ArbitrateForm, DeclareForm, NoteForm, ReasonForm
from partnership.permissions import ledger as may
from partnership.services import commitments, evidence

if TYPE_CHECKING:
    from collections.abc import Sequence

COMMITMENT_ACTS: Final[Sequence[Act]] = (
    Act(
        slug="start",
        label=_("Start"),
        title=_("Start this commitment?"),
        icon="player-play",
        consequences=_("It shows as in progress to both parties."),
        done=_("The commitment is in progress."),
        can=may.can_start_commitment,
        service=commitments.start_commitment,
        since=frozenset({CommitmentStatus.PLANNED}),
        target="commitment",
        to=CommitmentStatus.IN_PROGRESS,
    ),
    Act(
        slug="declare",
        label=_("Declare delivered"),
        title=_("Declare this commitment delivered"),
        icon="send",
        colour="primary",
        consequences=_(
            "The other party is told at once and asked to confirm or contest. You can withdraw the declaration until it answers."
        ),
        done=_("Declared delivered. The other party has been told; it confirms or contests."),
        undo="withdraw",
        can=may.can_declare_commitment,
        service=commitments.declare_commitment,
        target="commitment",
        to=CommitmentStatus.DECLARED,
        form=DeclareForm,
    ),
    Act(
        slug="confirm",
        label=_("Confirm the delivery"),
        title=_("Confirm this delivery?"),
        icon="circle-check",
        colour="primary",
        consequences=_("The commitment counts as delivered in every total. This cannot be taken back."),
        done=_("Delivery confirmed. The other party has been told."),
        can=may.can_confirm_commitment,
        service=commitments.confirm_commitment,
        target="commitment",
        to=CommitmentStatus.CONFIRMED,
        form=NoteForm,
    ),
    Act(
        slug="contest",
        label=_("Contest"),
        title=_("Contest this delivery?"),
        icon="message-report",
        danger=True,
        consequences=_("The other party is told at once. It stays contested in every total until you confirm it or a committee decides."),
        done=_("Delivery contested. The other party has been told, with your reason."),
        can=may.can_contest_commitment,
        service=commitments.contest_commitment,
        target="commitment",
        to=CommitmentStatus.CONTESTED,
        form=ReasonForm,
    ),
    Act(
        slug="withdraw",
        label=_("Withdraw the declaration"),
        title=_("Withdraw this declaration?"),
        icon="arrow-left",
        consequences=_("The commitment is in progress again. The other party no longer has to answer."),
        done=_("Declaration withdrawn. The commitment is in progress again."),
        can=may.can_withdraw_declaration,
        service=commitments.withdraw_declaration,
        since=frozenset({CommitmentStatus.DECLARED}),
        target="commitment",
        to=CommitmentStatus.IN_PROGRESS,
        form=ReasonForm,
    ),
    Act(
        slug="arbitrate",
        label=_("Record the arbitration"),
        title=_("Record the committee's decision"),
        icon="gavel",
        consequences=_("The decision closes the contest in every total, and both parties are told. This cannot be taken back."),
        done=_("Arbitration recorded. Both parties have been told."),
        can=may.can_arbitrate_commitment,
        service=commitments.arbitrate_commitment,
        target="commitment",
        to=CommitmentStatus.ARBITRATED,
        form=ArbitrateForm,
        step_up=True,
    ),
    Act(
        slug="cancel",
        label=_("Cancel the commitment"),
        title=_("Cancel this commitment?"),
        icon="ban",
        danger=True,
        consequences=_("Nothing more is expected of either party, and its reminders stop. It stays readable with your reason."),
        done=_("Commitment cancelled."),
        can=may.can_cancel_commitment,
        service=commitments.cancel_commitment,
        target="commitment",
        to=CommitmentStatus.CANCELLED,
        form=ReasonForm,
    ),
    Act(
        slug="add-evidence",
        label=_("Add evidence"),
        title=_("Add evidence"),
        icon="paperclip",
        consequences=_("Both parties can open it."),
        done=_("Evidence added."),
        can=may.can_add_commitment_evidence,
        service=evidence.add_evidence,
        since=frozenset({CommitmentStatus.PLANNED, CommitmentStatus.IN_PROGRESS, CommitmentStatus.DECLARED, CommitmentStatus.CONTESTED}),
        target="commitment",
        form=AddEvidenceForm,
    ),
)
