"""Accounts, made the way their services leave them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import factory
from django.contrib.auth.models import Group

from accounts.models import User
from accounts.roles import StaffRole

if TYPE_CHECKING:
    from collections.abc import Iterable

PASSWORD = "une longue phrase de passe 2026"


class UserFactory(factory.django.DjangoModelFactory[User]):
    """Somebody with an account and the password `PASSWORD`; `roles=[…]` makes a member of ONMT's staff."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"personne{n}@example.ma")
    full_name = factory.Sequence(lambda n: f"Personne {n}")
    language = "fr"

    @classmethod
    def _create(cls, model_class: type[User], *args: Any, **kwargs: Any) -> User:
        roles: Iterable[StaffRole] = kwargs.pop("roles", ())
        password: str | None = kwargs.pop("password", PASSWORD)
        kwargs.setdefault("is_staff", bool(roles))
        user = model_class(*args, **kwargs)
        user.set_password(password)
        user.save()
        if roles:
            user.groups.set([Group.objects.get_or_create(name=role.value)[0] for role in roles])
        return user


class StaffFactory(UserFactory):
    """A convention manager of ONMT unless `roles` says otherwise."""

    roles = (StaffRole.CONVENTION_MANAGER,)
