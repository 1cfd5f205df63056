"""Whatever is held about people is in the register: each column with its processing, its retention, its place in the export."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import pghistory.models
from django.apps import apps
from django.conf import settings
from django.db import models

from core.forms import PortalForm
from core.privacy import register
from core.privacy.retention import Rule
from core.validation import holds_identity_number
from tests.architecture import house

if TYPE_CHECKING:
    from collections.abc import Iterator

# Columns that sound like a person's and are nobody's, each with its reason. A new one that looks personal is declared in its
# app's `privacy`, or listed here.
NOT_PERSONAL: Final = {
    "allauth_idp_oidc.Client.name": "the name of a partner's program",
    "account.EmailConfirmation.email_address": "never used: addresses are confirmed by invitation; deleted with the address",
    "auth.Group.name": "a role", "auth.Permission.name": "a permission",
    "core.Event.name": "what happened", "core.Heartbeat.name": "a round",
    "core.Erasure.account_id": "an id that leads to nobody any more", "core.Erasure.person_id": "an id that leads to nobody any more",
    "partnership.Convention.place": "where it was signed",
}  # fmt: skip
LOOKS_PERSONAL: Final = re.compile(
    r"(^|_)(name|full_name|first_name|last_name|email|e_mail|phone|mobile|fax|ip|user_agent|signatory|birth\w*|photo|portrait|address|contact)$"
)
# Names in the languages of the portal are names of places and bodies; those of bodies are declared.
TRANSLATED: Final = re.compile(r"_(fr|ar|en)$")
PERSONAL_FIELDS: Final = (models.EmailField, models.GenericIPAddressField)
PEOPLE: Final = ("accounts.User", "partnership.Person")
# Forms of the portal that ask for something about people, and the page that shows the notice beside them. A form that is not here
# and has such a field fails; the administration's forms are for staff, whose instructions are in docs/operate.md.
NOTICES: Final = {
    "accounts.forms.ProfileForm": "accounts/profile.html",
    "partnership.forms.organisations.ProfileForm": "partnership/organisation_form.html",
    "partnership.forms.organisations.InviteForm": "partnership/invitation_form.html",
    "partnership.forms.organisations.AcceptForm": "partnership/invitation_accept.html",
    "partnership.forms.documents.DocumentForm": "partnership/document_form.html",
    "partnership.forms.acts.EvidenceFields": "partnership/act_confirm.html",
    "partnership.forms.acts.DeclareForm": "partnership/act_confirm.html",
    "partnership.forms.acts.CompleteForm": "partnership/act_confirm.html",
    "partnership.forms.acts.AddEvidenceForm": "partnership/act_confirm.html",
    "portal.forms.privacy.RightsForm": "portal/my_data.html",
    "portal.forms.imports.UploadForm": "portal/import_form.html",
}
WITHOUT_NOTICE: Final = {
    "partnership.forms.records.LinkAccountForm": "staff, in the administration: an address that is known already",
    "partnership.forms.records.VersionForm": "staff, in the administration; elsewhere the form of documents serves",
    "accounts.admin.EmailForm": "staff, in the administration",
}


def _models() -> Iterator[type[models.Model]]:
    """Every table but the trail's copies: an event's columns are those of the table it follows, and share its place in the register."""
    for model in apps.get_models(include_auto_created=True):
        if not issubclass(model, pghistory.models.Event) and not model._meta.proxy and model._meta.managed:
            yield model


def _looks_personal(field: models.Field[Any, Any]) -> bool:
    if field.related_model is not None:
        return field.related_model._meta.label in PEOPLE
    name = TRANSLATED.sub("", field.name)
    if name != field.name and field.model._meta.label != "partnership.Organisation":
        return False
    kind = type(field).__name__
    return (
        isinstance(field, PERSONAL_FIELDS)
        or kind == "PhoneNumberField"
        or (isinstance(field, models.CharField | models.TextField) and LOOKS_PERSONAL.search(name) is not None and field.name != "filename")
    )


def _declared() -> set[str]:
    return {f"{held.model}.{name}" for held in register.holdings() for name in held.fields}


def test_a_column_when_it_looks_personal_then_the_register_declares_it() -> None:
    declared = _declared()
    wrong = [
        f"{model._meta.label}.{field.name}: declare it in HOLDINGS of {model._meta.app_label}/privacy.py (processing, retention, what an "
        "erasure does to it), or say in NOT_PERSONAL of this test why it is nobody's"
        for model in _models()
        for field in model._meta.concrete_fields
        if _looks_personal(field) and f"{model._meta.label}.{field.name}" not in declared | NOT_PERSONAL.keys()
    ]
    house.nothing(wrong)


def test_a_column_when_declared_or_excepted_then_exists() -> None:
    columns = {f"{model._meta.label}.{field.name}" for model in _models() for field in model._meta.concrete_fields}
    assert _declared() - columns == set()
    assert NOT_PERSONAL.keys() - columns == set()
    shown = {f"{held.model}.{name}" for held in register.holdings() for name in (*held.shown, *held.withheld)}
    assert shown - columns == set()


def test_a_holding_when_declared_then_has_a_processing_a_retention_and_a_way_to_its_rows() -> None:
    slugs = {entry.slug for entry in register.processings()}
    classes = register.retention_classes()
    wrong = [
        f"{held.model} {sorted(held.fields)}"
        for held in register.holdings()
        if held.processing not in slugs
        or held.retention not in classes
        or not (held.account or held.person or held.email or held.phone or held.name)
        or ("kept" in held.fields.values() and not held.deletes and not held.why)
    ]
    house.nothing(wrong)


def test_the_register_when_read_then_every_entry_is_complete_and_every_class_of_retention_is_used() -> None:
    used = {held.retention for held in register.holdings()} | {"technical"}
    listed = {slug for entry in register.processings() for slug in entry.retention}
    assert set(register.retention_classes()) == used
    assert listed | {"technical"} == used
    empty = [
        f"{entry.slug}.{name}"
        for entry in register.processings()
        for name in ("title", "controller", "purpose", "basis", "people", "data", "recipients", "transfer", "security")
        if not str(getattr(entry, name)).strip()
    ]
    house.nothing(empty)


def test_a_rule_of_retention_when_listed_then_a_class_names_it_and_the_other_way_round() -> None:
    rules = [rule.slug for rule in register.rules()]
    assert len(rules) == len(set(rules))
    assert {slug for entry in register.retention_classes().values() for slug in entry.rules} == set(rules)
    assert all(isinstance(rule, Rule) and rule.title and rule.since for rule in register.rules())


# -- the notice --------------------------------------------------------------------------------------------------------
def _forms(kind: type = PortalForm) -> Iterator[type]:
    children: list[type] = kind.__subclasses__()
    for child in children:
        yield child
        yield from _forms(child)


def _asks_about_people(form: Any) -> bool:
    return (
        any(
            LOOKS_PERSONAL.search(TRANSLATED.sub("", name)) or type(field).__name__ in {"EmailField", "PhoneNumberField", "UploadField"}
            for name, field in form.base_fields.items()
        )
        or "words" in form.base_fields
    )


def test_a_form_when_it_asks_about_people_then_the_notice_stands_beside_it() -> None:
    wrong = []
    for form in set(_forms()):
        name = f"{form.__module__}.{form.__qualname__}"
        if form.__module__.split(".")[0] not in house.FLOORS or not _asks_about_people(form) or name in WITHOUT_NOTICE:
            continue
        page = NOTICES.get(name)
        if page is None:
            wrong.append(f"{name}: show <c-privacy-notice processing=…> on its page, and name the page in NOTICES of this test")
        elif "<c-privacy-notice " not in (house.TEMPLATES / page).read_text(encoding="utf-8"):
            wrong.append(f"{name}: {page} has no <c-privacy-notice>")
    house.nothing(wrong)


def test_a_notice_when_it_names_a_processing_then_the_register_holds_it() -> None:
    slugs = {entry.slug for entry in register.processings()}
    named = {
        (house.template_name(path), slug)
        for path in house.templates()
        for slug in re.findall(r'<c-privacy-notice processing="([^"]*)"', house.template_source(path))
    }
    assert len(named) >= 7
    assert "account/login.html" in {name for name, _slug in named}
    assert {entry for entry in named if entry[1] not in slugs} == set()


# -- the trail's one way in ----------------------------------------------------------------------------------------------
def test_the_trails_lock_when_opened_then_only_by_an_erasure() -> None:
    keys = re.compile(r"pgtrigger\.ignore|core_privacy_erase_trail|session_replication_role|DISABLE TRIGGER", re.IGNORECASE)
    found = {house.name_of(path) for path in house.python_files() if keys.search(path.read_text(encoding="utf-8"))}
    # Synthetic volume is written without its history: rows are inserted, what the trail holds is not touched.
    assert found - {"partnership/demo/volume.py"} == {"core/privacy/trail.py"}


def test_the_trails_sweep_when_called_then_only_by_the_verbs_that_erase() -> None:
    found = {house.name_of(path) for path in house.python_files() if re.search(r"\btrail\.sweep\(", path.read_text(encoding="utf-8"))}
    assert found == {"core/privacy/erase.py", "partnership/services/erasure.py"}


# -- no number of an identity card ---------------------------------------------------------------------------------------
IDENTITY: Final = re.compile(r"(^|_)(cin|cnie|cni|nin|ssn|passport|passeport|national_id|identity_(card|number)|id_card)(_|$)")


def test_a_column_when_named_then_none_is_for_an_identity_number() -> None:
    house.nothing(
        [f"{model._meta.label}.{field.name}" for model in _models() for field in model._meta.get_fields() if IDENTITY.search(field.name)]
    )


def test_the_demonstration_when_read_then_holds_no_identity_number() -> None:
    paths = [path for folder in ("demo", "reference") for path in (house.ROOT / "partnership" / folder).rglob("*") if path.is_file()]
    texts = {house.name_of(path): path.read_text(encoding="utf-8") for path in paths if path.suffix in {".py", ".json", ".md"}}
    assert len(texts) > 10
    shape = re.compile(r"(?<![A-Za-z0-9])[A-Z]{1,2}[0-9]{5,6}(?![A-Za-z0-9])")
    house.nothing([f"{name}: {found}" for name, text in texts.items() for found in shape.findall(text)])
    house.nothing([name for name, text in texts.items() if holds_identity_number(text)])


def test_the_addresses_of_rights_when_named_in_the_settings_then_are_those_of_the_pages() -> None:
    from django.urls import reverse

    assert reverse("portal:my_data") == settings.PRIVACY_PATH
    assert reverse("portal:privacy") == settings.PRIVACY_PUBLIC_PATH
