"""Which rows PostgreSQL itself shows to people from outside ONMT: the second wall under `visible_to`.

Each rule shows everything that `visible_to` shows, and beyond it only what a visible row already names: the organisation that owns an
action, the leads of a strand, the convention of one's own action. tests/partnership/test_wall.py compares the two, model by model.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from core import wall
from core.actors import is_system
from core.wall import Context, Function, Rule, Wall, elevated
from partnership.choices import PUBLISHED_STATUSES, Visibility
from partnership.querysets import every_organisation_of, organisations_of, sees_everything

if TYPE_CHECKING:
    from core.actors import Actor


def context_of(actor: Actor) -> Context:
    """Staff with a role read as the office. Others own the rows of every organisation where they hold a mandate today, whichever one
    they have chosen in the portal; a partner's program, those of its own. Kept on the actor: one query at most.
    """
    if is_system(actor):
        return wall.SYSTEM
    if not actor.is_authenticated or not actor.is_active:
        return wall.NOBODY
    if sees_everything(actor):
        return Context(wall.OFFICE, account=actor.pk)
    if getattr(actor, "organisation_id", None) is not None:  # a program: it has no account
        return Context(wall.PEOPLE, owners=organisations_of(actor))
    with elevated("whose rows somebody may see is asked before anything is seen"):
        owners = organisations_of(actor) | every_organisation_of(actor)
    return Context(wall.PEOPLE, account=actor.pk, owners=owners)


# -- what several rules ask ----------------------------------------------------------------------------------------------
# In a sub-select, so that it is asked once a statement and serves an index; a plain call would be asked for each row.
MINE: Final = "ANY ((SELECT wall_owners())::uuid[])"
THEIRS: Final = "ANY ((SELECT wall_conventions())::uuid[])"
WORKED: Final = "ANY ((SELECT wall_worked())::uuid[])"
OPEN: Final = "ANY ((SELECT wall_published())::uuid[])"
PUBLISHED: Final = "visibility = '{}' AND status IN ({})".format(
    Visibility.PUBLIC.value, ", ".join(f"'{status.value}'" for status in sorted(PUBLISHED_STATUSES))
)


def _own_document(row: str) -> str:
    """`visible_to` of documents, save that a removed one stays where it was: the application hides it, and gives it back."""
    return (
        f"({row}.organisation_id = {MINE} "
        f"OR {row}.visibility = '{Visibility.PARTIES.value}' AND {row}.convention_id = {THEIRS} "
        f"OR {row}.visibility = '{Visibility.PUBLIC.value}' AND ({row}.convention_id IS NULL OR {row}.convention_id = {OPEN}))"
    )


# How the questions below write these conditions.
WORDS: Final = {
    ":mine": MINE, ":theirs": THEIRS, ":worked": WORKED, ":open": OPEN, ":published": PUBLISHED, ":own_document": _own_document("d"),
}  # fmt: skip


def _all(*questions: str) -> str:
    """The ids that any of these questions gives, as one array."""
    united = " UNION ALL ".join(questions)
    for word, condition in WORDS.items():
        united = united.replace(word, condition)
    return f"SELECT COALESCE(array_agg(DISTINCT id) FILTER (WHERE id IS NOT NULL), '{{}}') FROM ({united}) named (id)"  # noqa: S608 - ours


# Asked past the rules of the tables they read, each as narrow as those rules; nested rules would be planned over and over.
FUNCTIONS: Final = (
    Function("wall_person", "uuid", "SELECT id FROM partnership_person WHERE user_id = wall_account()"),
    Function("wall_published", "uuid[]", _all("SELECT id FROM partnership_convention WHERE :published")),
    Function(
        "wall_conventions",
        "uuid[]",
        _all(
            "SELECT c.id FROM partnership_party p JOIN partnership_convention c ON c.id = p.convention_id "
            "WHERE p.organisation_id = :mine AND c.status <> 'draft'"
        ),
    ),
    # The conventions of the actions one owns: the action names them, whoever their parties are.
    Function("wall_worked", "uuid[]", _all("SELECT convention_id FROM partnership_action WHERE organisation_id = :mine")),
    # What is given as evidence of a visible line or action, attached to it, or decides it.
    Function(
        "wall_documents",
        "uuid[]",
        _all(
            "SELECT e.document_id FROM partnership_evidence e JOIN partnership_commitment c ON c.id = e.commitment_id "
            "WHERE c.convention_id = :theirs",
            "SELECT e.document_id FROM partnership_evidence e JOIN partnership_action a ON a.id = e.action_id "
            "WHERE a.convention_id = :theirs OR a.organisation_id = :mine",
            "SELECT d.id FROM partnership_document d JOIN partnership_commitment c ON c.id = d.object_id WHERE c.convention_id = :theirs",
            "SELECT d.id FROM partnership_document d JOIN partnership_action a ON a.id = d.object_id "
            "WHERE a.convention_id = :theirs OR a.organisation_id = :mine",
            "SELECT minutes_id FROM partnership_commitment WHERE convention_id = :theirs",
        ),
    ),
    # Oneself, colleagues, the leads of a visible strand, those responsible for a visible action.
    Function(
        "wall_people",
        "uuid[]",
        _all(
            "SELECT wall_person()",
            "SELECT person_id FROM partnership_mandate WHERE organisation_id = :mine",
            "SELECT unnest(ARRAY[public_lead_id, private_lead_id]) FROM partnership_axis "
            "WHERE convention_id = :open OR convention_id = :theirs OR convention_id = :worked",
            "SELECT responsible_id FROM partnership_action WHERE organisation_id = :mine OR convention_id = :theirs",
        ),
    ),
    # One's own, ONMT, and whatever a visible row names: the parties, the two ends of a membership, owners and authors.
    Function(
        "wall_organisations",
        "uuid[]",
        _all(
            "SELECT unnest(wall_owners())",
            "SELECT id FROM partnership_organisation WHERE is_host",
            "SELECT body_id FROM partnership_affiliation WHERE organisation_id = :mine",
            "SELECT organisation_id FROM partnership_affiliation WHERE body_id = :mine",
            "SELECT organisation_id FROM partnership_party "
            "WHERE convention_id = :open OR convention_id = :theirs OR convention_id = :worked",
            "SELECT organisation_id FROM partnership_mandate WHERE person_id = (SELECT wall_person())",
            "SELECT organisation_id FROM partnership_action WHERE convention_id = :theirs",
            "SELECT e.organisation_id FROM partnership_evidence e JOIN partnership_commitment c ON c.id = e.commitment_id "
            "WHERE c.convention_id = :theirs",
            "SELECT e.organisation_id FROM partnership_evidence e JOIN partnership_action a ON a.id = e.action_id "
            "WHERE a.convention_id = :theirs OR a.organisation_id = :mine",
            "SELECT d.organisation_id FROM partnership_document d WHERE :own_document",
            "SELECT organisation_id FROM partnership_document WHERE id = ANY ((SELECT wall_documents())::uuid[])",
        ),
    ),
)


def _seen(table: str, alias: str, condition: str) -> str:
    """A row of another table is seen, by that table's own rule."""
    return f"EXISTS (SELECT 1 FROM {table} {alias} WHERE {condition})"  # noqa: S608 - names of tables of ours


# -- a rule for each table -----------------------------------------------------------------------------------------------
OF_A_CONVENTION: Final = f"convention_id = {OPEN} OR convention_id = {THEIRS} OR convention_id = {WORKED}"
RULES: Final = (
    Rule("partnership.Convention", f"({PUBLISHED}) OR id = {THEIRS} OR id = {WORKED}"),
    Rule("partnership.Party", OF_A_CONVENTION),
    Rule("partnership.Axis", OF_A_CONVENTION),
    Rule("partnership.Commitment", f"convention_id = {THEIRS}"),
    Rule("partnership.Action", f"organisation_id = {MINE} OR convention_id = {THEIRS}"),
    Rule(
        "partnership.Evidence",
        _seen("partnership_commitment", "c", "c.id = partnership_evidence.commitment_id")
        + " OR "
        + _seen("partnership_action", "a", "a.id = partnership_evidence.action_id"),
    ),
    # What a visible line names is named; its content (the versions below) is not shown for that.
    Rule("partnership.Document", f"{_own_document('partnership_document')} OR id = ANY ((SELECT wall_documents())::uuid[])"),
    Rule(
        "partnership.DocumentVersion",
        _seen("partnership_document", "d", f"d.id = partnership_documentversion.document_id AND {_own_document('d')}"),
    ),
    Rule("partnership.Affiliation", f"organisation_id = {MINE} OR body_id = {MINE}"),
    Rule("partnership.Mandate", f"organisation_id = {MINE} OR person_id = (SELECT wall_person())"),
    Rule("partnership.Invitation", f"organisation_id = {MINE}"),
    Rule("partnership.ApiClient", f"organisation_id = {MINE}"),
    # What an organisation's programs were told of.
    Rule("core.Feed", f"organisation = {MINE}"),
    Rule("core.FeedEntry", f"organisation = {MINE}"),
    Rule("partnership.Person", "id = ANY ((SELECT wall_people())::uuid[])"),
    Rule("partnership.Organisation", "id = ANY ((SELECT wall_organisations())::uuid[])"),
)

WALL: Final = Wall(FUNCTIONS, RULES)
