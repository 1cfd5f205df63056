"""Who may run conventions, act in the two-way ledger, carry actions, and keep documents.

Every answer is about rows the user already sees; the state of the row is the service's matter, not the right's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from accounts.models import User
from accounts.roles import OPERATING_ROLES, StaffRole
from core.actors import is_system
from partnership.permissions.organisations import acts_for
from partnership.querysets import organisations_of

if TYPE_CHECKING:
    from uuid import UUID

    from core.actors import Actor
    from partnership.models import Action, Commitment, Convention, Document, Evidence


def manages_conventions(user: Actor) -> bool:
    """ONMT's convention managers, and the system."""
    return is_system(user) or (isinstance(user, User) and user.has_staff_role(StaffRole.CONVENTION_MANAGER))


def operates(user: Actor) -> bool:
    """ONMT staff who run operations (convention managers and the officers), and the system. Never auditors."""
    return is_system(user) or (isinstance(user, User) and user.has_staff_role(*OPERATING_ROLES))


def acts_for_a_party(user: Actor, convention: Convention) -> bool:
    """Administrators and members of one of the convention's parties."""
    return any(acts_for(user, pk) for pk in _parties(convention) & _own(user))


def _parties(convention: Convention) -> frozenset[UUID]:
    return frozenset(party.organisation_id for party in convention.parties.all())


def _own(user: Actor) -> frozenset[UUID]:
    return organisations_of(user)


# -- conventions -------------------------------------------------------------------------------------------------------
def can_create_convention(user: Actor) -> bool:
    """Convention managers."""
    return manages_conventions(user)


def can_update_convention(user: Actor, convention: Convention) -> bool:
    """Convention managers: its fields, parties and axes."""
    return manages_conventions(user)


def can_move_convention(user: Actor, convention: Convention) -> bool:
    """Convention managers: every change of state."""
    return manages_conventions(user)


# -- commitments -------------------------------------------------------------------------------------------------------
def can_create_commitment(user: Actor, convention: Convention) -> bool:
    """Convention managers."""
    return manages_conventions(user)


def can_update_commitment(user: Actor, commitment: Commitment) -> bool:
    """Convention managers."""
    return manages_conventions(user)


def can_cancel_commitment(user: Actor, commitment: Commitment) -> bool:
    """Convention managers."""
    return manages_conventions(user)


def can_start_commitment(user: Actor, commitment: Commitment) -> bool:
    """People of the obligor party (for ONMT: its convention managers)."""
    return acts_for(user, commitment.obligor.organisation_id)


def can_declare_commitment(user: Actor, commitment: Commitment) -> bool:
    """People of the obligor party."""
    return acts_for(user, commitment.obligor.organisation_id)


def can_withdraw_declaration(user: Actor, commitment: Commitment) -> bool:
    """People of the obligor party."""
    return acts_for(user, commitment.obligor.organisation_id)


def can_answer_commitment(user: Actor, commitment: Commitment) -> bool:
    """People of the beneficiary party, and nobody else: not the system, and never the person who declared, whatever mandates it holds."""
    if is_system(user) or not acts_for(user, commitment.beneficiary.organisation_id):
        return False
    return user.pk is None or commitment.declared_by_id != user.pk


def can_confirm_commitment(user: Actor, commitment: Commitment) -> bool:
    """As for answering. It is also how the beneficiary lifts its own contest."""
    return can_answer_commitment(user, commitment)


def can_contest_commitment(user: Actor, commitment: Commitment) -> bool:
    """As for answering."""
    return can_answer_commitment(user, commitment)


def can_arbitrate_commitment(user: Actor, commitment: Commitment) -> bool:
    """Convention managers: they record what a committee decided, its minutes in hand."""
    return manages_conventions(user)


# -- evidence ----------------------------------------------------------------------------------------------------------
def can_add_commitment_evidence(user: Actor, commitment: Commitment) -> bool:
    """People of the obligor or of the beneficiary."""
    return acts_for(user, commitment.obligor.organisation_id) or acts_for(user, commitment.beneficiary.organisation_id)


def can_add_action_evidence(user: Actor, action: Action) -> bool:
    """Whoever carries the action or verifies it."""
    return can_carry_action(user, action) or operates(user) or acts_for_a_party(user, action.convention)


def can_remove_evidence(user: Actor, evidence: Evidence) -> bool:
    """People of the organisation that brought it; convention managers."""
    return manages_conventions(user) or acts_for(user, evidence.organisation_id)


# -- actions -----------------------------------------------------------------------------------------------------------
def can_open_action(user: Actor, convention: Convention) -> bool:
    """ONMT staff who run operations; people of a party of the convention."""
    return operates(user) or acts_for_a_party(user, convention)


def can_update_action(user: Actor, action: Action) -> bool:
    """As for opening: the owner of the action does not move its own deadline."""
    return can_open_action(user, action.convention)


def can_cancel_action(user: Actor, action: Action) -> bool:
    """As for opening."""
    return can_open_action(user, action.convention)


def can_carry_action(user: Actor, action: Action) -> bool:
    """People of the owner organisation, and the person responsible: start, report, block, complete, reopen."""
    if acts_for(user, action.organisation_id):
        return True
    responsible = action.responsible
    return isinstance(user, User) and user.is_active and responsible is not None and responsible.user_id == user.pk


def can_verify_action(user: Actor, action: Action) -> bool:
    """ONMT staff who run operations and people of a party; never the person who did it, nor an API access of the organisation that did."""
    if is_system(user):
        return False
    if action.done_by_id is not None and action.done_by_id == user.pk:
        return False
    if not isinstance(user, User) and acts_for(user, action.organisation_id):
        return False
    return operates(user) or acts_for_a_party(user, action.convention)


def can_return_action(user: Actor, action: Action) -> bool:
    """As for verifying."""
    return can_verify_action(user, action)


# -- documents ---------------------------------------------------------------------------------------------------------
def can_add_document(user: Actor, organisation_id: UUID) -> bool:
    """People of the organisation that owns it; convention managers for any organisation."""
    return manages_conventions(user) or acts_for(user, organisation_id)


def can_publish_document(user: Actor) -> bool:
    """Convention managers: what is public, and what is kept for the committees, is decided by those who answer for the convention."""
    return manages_conventions(user)


def can_change_document(user: Actor, document: Document) -> bool:
    """People of the organisation that owns it; convention managers: new versions, removal, restoration."""
    return can_add_document(user, document.organisation_id)
