"""The account somebody signs in with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.roles import StaffRole
from core import clock
from core.actors import is_system
from core.audit import audited
from core.ids import new_id
from core.models import Base

if TYPE_CHECKING:
    from uuid import UUID

    from core.actors import Actor


class UserQuerySet(models.QuerySet["User"]):
    """Accounts, and who may see them."""

    def visible_to(self, user: Actor) -> UserQuerySet:
        """ONMT staff who hold a role see every account; everybody else sees their own."""
        if is_system(user) or (isinstance(user, User) and user.staff_roles):
            return self.all()
        return self.filter(pk=user.pk) if isinstance(user, User) and user.is_active else self.none()


class UserManager(BaseUserManager["User"]):
    """Accounts, found by e-mail whatever its case."""

    use_in_migrations = False

    def get_queryset(self) -> UserQuerySet:
        """Every account."""
        return UserQuerySet(self.model, using=self._db)

    def visible_to(self, user: Actor) -> UserQuerySet:
        """The accounts that `user` may see."""
        return self.get_queryset().visible_to(user)

    def get_by_natural_key(self, username: str | None) -> User:
        """The account of an e-mail address."""
        return self.get(email__iexact=username)


@audited(exclude=["password", "last_login", "session_stamp"])
class User(Base, AbstractBaseUser, PermissionsMixin):
    """An account. What it may do comes from its staff roles (ONMT) and from its person's mandates (everybody else)."""

    email = models.EmailField(_("e-mail address"), unique=True, error_messages={"unique": _("This address already has an account.")})
    full_name = models.CharField(_("full name"), max_length=150)
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES, default="fr")
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("ONMT staff"), default=False, help_text=_("Enters the administration; a second factor is compulsory."))
    joined_at = models.DateTimeField(_("joined at"), default=clock.now)
    erased_at = models.DateTimeField(_("personal data erased at"), null=True, blank=True, editable=False)

    # Part of what a session is checked against: a new stamp ends every session of the account at once.
    session_stamp = models.UUIDField(_("session stamp"), default=new_id, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["full_name"]

    # Set for the length of a request by partnership's middleware: the organisation the user has chosen to act for.
    acting_organisation_id: UUID | None = None

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        ordering = ["full_name", "id"]
        constraints = [
            # Kept in lower case by `save`, so that unique means unique whatever the case typed.
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="accounts_user_email_lower"),
            models.CheckConstraint(condition=models.Q(erased_at=None) | models.Q(is_active=False), name="accounts_user_erased_closed"),
        ]

    def __str__(self) -> str:
        return self.full_name or self.email

    def clean(self) -> None:
        """Addresses are kept in one case."""
        self.email = self.email.strip().lower()

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What ties a session to the account: its password and its stamp."""
        return salted_hmac("accounts.session", f"{self.password}{self.session_stamp}", secret=secret, algorithm="sha256").hexdigest()

    @cached_property
    def staff_roles(self) -> frozenset[StaffRole]:
        """The staff roles held: empty for anybody who is not active ONMT staff. One query, once per request."""
        if not (self.is_active and self.is_staff):
            return frozenset()
        if self.is_superuser:
            return frozenset(StaffRole)
        names = set(self.groups.values_list("name", flat=True))
        return frozenset(role for role in StaffRole if role.value in names)

    def has_staff_role(self, *roles: StaffRole) -> bool:
        """Whether one of these staff roles is held."""
        return not self.staff_roles.isdisjoint(roles)

    def get_full_name(self) -> str:
        """The name, as Django's and the theme's own pages ask for it."""
        return self.full_name

    def get_short_name(self) -> str:
        """The first word of the name."""
        return self.full_name.split(" ", 1)[0]

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Addresses are kept in lower case whichever door they came through."""
        self.email = self.email.strip().lower()
        super().save(*args, **kwargs)
