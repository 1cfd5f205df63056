"""An act that a person can do to an object: its words, its inputs, its consequences, the right it needs and the service that does it.

A noun's acts are a tuple in its app; the portal and the administration both make their buttons and confirmation pages from it,
so an act exists everywhere or nowhere, with the same words.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from inspect import signature
from typing import TYPE_CHECKING, Any, Final, TypeVar

from django import forms
from django.utils.translation import gettext_lazy as _

from core.errors import Stale
from core.forms import PortalForm

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from django.utils.functional import _StrOrPromise

    from core.actors import Actor


V = TypeVar("V", bound="Callable[..., Any]")

KEPT: Final = _("The audit trail keeps it.")


def reason_field(*, help_text: _StrOrPromise = KEPT, required: bool = True, maximum: int = 500) -> forms.CharField:
    """Why, in a sentence or two: `core.validation.check_reason` judges it."""
    area = forms.Textarea(attrs={"rows": 3})
    return forms.CharField(label=_("Reason"), required=required, help_text=help_text, max_length=maximum, widget=area)


class ActForm(PortalForm):
    """The inputs of an act. Field names are the service's argument names unless `arguments` says otherwise.

    `about` is the object it is done to, for choices that depend on it; none when the act is done to a list.
    """

    def __init__(self, *args: Any, about: Any = None, **kwargs: Any) -> None:
        self.about = about
        super().__init__(*args, **kwargs)

    @property
    def details(self) -> list[str]:
        """What it would do to this very object, line by line: nothing more than the act's consequences, unless the form says otherwise."""
        return []

    @classmethod
    def initial_of(cls, obj: Any) -> dict[str, Any]:
        """What the fields hold before anybody types: nothing, unless the form says otherwise."""
        return {}

    def arguments(self) -> dict[str, Any]:
        """What the service receives besides the object and the actor."""
        return dict(self.cleaned_data)


@dataclass(frozen=True)
class Act:
    """One act. `to` is the state it leads to, empty for acts that change none; `since` narrows the states it starts from.

    `service` is called as service(**{target: pk}, **form.arguments(), by=user); `undo` names the act that takes it back.
    """

    slug: str
    label: _StrOrPromise
    title: _StrOrPromise
    consequences: _StrOrPromise
    done: _StrOrPromise
    can: Callable[[Actor, Any], bool]
    service: Callable[..., Any]
    target: str
    to: str = ""
    since: frozenset[str] | None = None
    form: type[ActForm] = ActForm
    icon: str = "check"
    colour: str = "secondary"
    danger: bool = False
    undo: str = ""
    # Whoever does it has proved a short time ago who they are (the front door asks, docs/decisions/0024).
    step_up: bool = False

    def do(self, obj: Any, *, form: ActForm, version: str, by: Actor) -> Any:
        """Call the service on `obj`. `version` is the `updated_at` the person saw (ISO), empty: none was shown.

        Services that take a version refuse (412) when somebody else was faster: what was read is no longer true.
        """
        given = form.arguments()
        if version and "version" in signature(self.service).parameters:
            given["version"] = seen_version(version)
        return self.service(**{self.target: obj.pk}, **given, by=by)

    @property
    def submit(self) -> _StrOrPromise:
        """The words of the button that does it."""
        return self.label or _("Confirm")


def seen_version(text: str) -> datetime:
    """The instant that a page carried. One that was edited is as good as an old one: refused (412)."""
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise Stale(_("Somebody changed this meanwhile: read it again before changing it.")) from error


def possible_acts(acts: Sequence[Act], *, user: Actor, obj: Any, table: Mapping[str, frozenset[str]]) -> list[Act]:
    """The acts that the object's state allows and this user may do, in the order of the table."""
    status = getattr(obj, "status", "")
    reachable = table.get(status, frozenset())
    return [
        act for act in acts if (not act.to or act.to in reachable) and (act.since is None or status in act.since) and act.can(user, obj)
    ]


def offers(acts: Sequence[Act]) -> Callable[[V], V]:
    """Say of a view that its `slug` names one of these acts: what must be known of an act before its view runs is read there."""

    def mark(view: V) -> V:
        view.acts = acts  # type: ignore[attr-defined]
        return view

    return mark


def find_act(acts: Sequence[Act], slug: str) -> Act | None:
    """The act of that name."""
    return next((act for act in acts if act.slug == slug), None)
