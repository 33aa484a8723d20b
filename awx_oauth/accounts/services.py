"""What can be done to users, organizations and memberships. Each function is one transaction with its audit entry."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from awx_oauth import transactions
from awx_oauth.accounts.models import Membership, Organization, User
from awx_oauth.activity.models import Event
from awx_oauth.activity.services import record

_USER_FIELDS = ("username", "first_name", "last_name", "email", "is_superuser", "is_system_auditor", "is_active")
_ORGANIZATION_FIELDS = ("name", "description")


def create_user(*, actor: Any = None, password: str, **fields: Any) -> User:
    """Add a user. Raises :class:`ValidationError` keyed by field."""
    user = User(**fields)
    user.set_password(password)  # AWX compatibility: any password, as its LOCAL_PASSWORD_MIN_LENGTH of 0 says
    _align_staff(user)
    user.full_clean()
    with transactions.storing(user):
        user.save(force_insert=True)
        record(Event.USER_CREATED, actor=actor, target=user, changes=_values(user, _USER_FIELDS))
    return user


def change_user(user: User, *, actor: Any = None, password: str = "", **fields: Any) -> None:
    """Set ``fields``, and the password when there is one, which ends every token that applications hold.

    Raises :class:`ValidationError` keyed by field, also when no superuser would be left.
    """

    def change() -> None:
        transactions.hold(user)
        before = _values(user, _USER_FIELDS)
        for name, value in fields.items():
            setattr(user, name, value)
        if password:
            user.set_password(password)
        if "is_superuser" in fields:
            _align_staff(user)
        user.full_clean()
        if _is_live_superuser(before) and not _is_live_superuser(_values(user, _USER_FIELDS)):
            _require_another_superuser(user, field="is_active" if user.is_superuser else "is_superuser")
        # Only these: another request may have stored a new password meanwhile
        written = {*fields, "modified"}
        if password:
            written.add("password")
        if "is_superuser" in fields:
            written.add("is_staff")
        user.save(update_fields=written)
        changes = _differences(before, _values(user, _USER_FIELDS))
        if changes:
            record(Event.USER_CHANGED, actor=actor, target=user, changes=changes)
        if password:
            record(Event.USER_PASSWORD_CHANGED, actor=actor, target=user)

    transactions.run(change)


def delete_user(user: User, *, actor: Any = None) -> None:
    """Delete a user with every code and token of theirs, also one that is being issued at this moment.

    Raises :class:`ValidationError` when no superuser would be left, ``User.DoesNotExist`` when somebody else was
    faster.
    """

    def delete() -> None:
        if _is_live_superuser(_values(user, _USER_FIELDS)):
            _require_another_superuser(user)
        # Locked before all that is theirs: nothing new can be stored for them while the rest is on its way out
        transactions.hold(user, to_delete=True)
        values = _values(user, _USER_FIELDS)
        record(Event.USER_DELETED, actor=actor, target=user, changes=values)
        User.objects.filter(pk=user.pk).delete()

    transactions.run(delete)


def create_organization(*, actor: Any = None, **fields: Any) -> Organization:
    """Add an organization. Raises :class:`ValidationError` keyed by field."""
    organization = Organization(**fields)
    organization.full_clean()
    with transactions.storing(organization):
        organization.save(force_insert=True)
        values = _values(organization, _ORGANIZATION_FIELDS)
        record(Event.ORGANIZATION_CREATED, actor=actor, target=organization, changes=values)
    return organization


def change_organization(organization: Organization, *, actor: Any = None, **fields: Any) -> None:
    """Set ``fields``. Raises :class:`ValidationError` keyed by field."""
    with transactions.storing(organization):
        transactions.hold(organization)
        before = _values(organization, _ORGANIZATION_FIELDS)
        for name, value in fields.items():
            setattr(organization, name, value)
        organization.full_clean()
        organization.save(update_fields={*fields, "modified"})
        changes = _differences(before, _values(organization, _ORGANIZATION_FIELDS))
        if changes:
            record(Event.ORGANIZATION_CHANGED, actor=actor, target=organization, changes=changes)


def delete_organization(organization: Organization, *, actor: Any = None) -> None:
    """Delete an organization with its applications and every token they hold.

    Raises ``Organization.DoesNotExist`` when somebody else was faster.
    """

    def delete() -> None:
        # The applications before all that they hold, as where one of them is deleted, and before the organization, as
        # where one of them is given to another
        list(organization.applications.select_for_update().order_by("pk").values_list("pk"))
        transactions.hold(organization, to_delete=True)
        values = _values(organization, _ORGANIZATION_FIELDS)
        record(Event.ORGANIZATION_DELETED, actor=actor, target=organization, changes=values)
        Organization.objects.filter(pk=organization.pk).delete()

    transactions.run(delete)


def add_member(*, organization: Organization, user: User, role: str, actor: Any = None) -> None:
    """Give ``user`` a :class:`Membership.Role`; nothing happens when they have it."""

    def add() -> None:
        _membership, created = Membership.objects.get_or_create(organization=organization, user=user, role=role)
        if created:
            changes = {"user": user.pk, "role": role}
            record(Event.MEMBER_ADDED, actor=actor, target=organization, changes=changes)

    transactions.run(add)


def remove_member(*, organization: Organization, user: User, role: str, actor: Any = None) -> None:
    """Take a role away. An admin counts as a member, so who ceases to be a member is no admin any more either."""
    roles = Membership.MEMBERS if role == Membership.Role.MEMBER else (role,)
    with transaction.atomic():
        held = Membership.objects.filter(organization=organization, user=user, role__in=roles)
        if held.delete()[0]:
            changes = {"user": user.pk, "role": role}
            record(Event.MEMBER_REMOVED, actor=actor, target=organization, changes=changes)


def _align_staff(user: User) -> None:
    user.is_staff = user.is_superuser  # AWX has no such flag: whoever manages everything may use Django admin


def _is_live_superuser(values: dict[str, Any]) -> bool:
    return bool(values["is_superuser"] and values["is_active"])


def _require_another_superuser(user: User, *, field: str | None = None) -> None:
    # All of them are locked, in one order, so that two superusers cannot remove each other at the same moment
    superusers = User.objects.select_for_update(no_key=True).filter(is_superuser=True, is_active=True).order_by("pk")
    if not any(superuser.pk != user.pk for superuser in superusers):
        message = _("There must be an active superuser, and this is the last one.")
        raise ValidationError({field: [message]} if field else message)


def _values(target: Any, fields: tuple[str, ...]) -> dict[str, Any]:
    return {"id": target.pk} | {name: getattr(target, name) for name in fields}


def _differences(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    return {name: [before[name], after[name]] for name in after if before[name] != after[name]}
