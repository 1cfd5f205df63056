"""What a message is. Each kind is a class of its app's `notifications`, with a subject and a body text file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from core.choices import Delivery

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import Model
    from django.utils.functional import _StrOrPromise


class Message:
    """One thing to tell. `about` is the object it speaks of, `url` the path of its page, `data` what its two texts read.

    A value of `data` that is a mapping of languages ({"fr": …, "ar": …, "en": …}) is given to the texts in the
    reader's language, French where that one is empty.
    """

    kind: ClassVar[str]
    label: ClassVar[_StrOrPromise]
    template: ClassVar[str]
    # Urgent: its own mail at once. Otherwise it joins the person's mail of the day.
    urgent: ClassVar[bool] = False
    # Compulsory: may be moved to the mail of the day, never switched off.
    compulsory: ClassVar[bool] = False

    def __init__(self, *, about: Model, url: str = "", data: Mapping[str, Any] | None = None) -> None:
        self.about = about
        self.url = url
        self.data = dict(data or {})

    @classmethod
    def default_delivery(cls) -> Delivery:
        """How it goes by mail to whoever has said nothing."""
        return Delivery.IMMEDIATE if cls.urgent else Delivery.DAILY

    @classmethod
    def delivery(cls, chosen: str | None) -> Delivery:
        """How it goes by mail to somebody who chose so (None: nothing chosen)."""
        if chosen is None or (cls.compulsory and chosen == Delivery.NEVER):
            return cls.default_delivery()
        return Delivery(chosen)
