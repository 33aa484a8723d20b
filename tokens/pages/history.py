"""The audit log's entries about one person, told as sentences."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from itertools import islice

from django.utils.translation import gettext_lazy as _

from applications.models import Application
from awx_oauth.accounts.models import User
from awx_oauth.activity.models import Activity, Event

# Done to the person's account, by whomever
_ACCOUNT = {
    Event.USER_CREATED: _("Your account was created"),
    Event.USER_CHANGED: _("Your account was changed"),
    Event.USER_PASSWORD_CHANGED: _("Your password was changed"),
    Event.LOGIN_FAILED: _("A sign-in to your account failed"),
    Event.TOKEN_REVOKED: _("Access that you had granted was revoked"),
}
# Between the person and an application
_APPLICATION = {
    Event.CODE_GRANTED: _("You allowed %(application)s to access your account"),
    Event.CODE_DENIED: _("You denied %(application)s access to your account"),
    Event.CODE_REPLAYED: _("A code for %(application)s was used twice, so its access was revoked"),
    Event.TOKEN_ISSUED: _("%(application)s received access to your account"),
    Event.TOKEN_REPLAYED: _("An old token of %(application)s was used again, so its access was revoked"),
    Event.TOKEN_REVOKED: _("Access of %(application)s was revoked"),
    Event.APPLICATION_CREATED: _("You registered the application %(name)s"),
    Event.APPLICATION_CHANGED: _("You changed the application %(name)s"),
    Event.APPLICATION_DELETED: _("You deleted the application %(name)s"),
    Event.SECRET_ROTATED: _("You replaced the secret of the application %(name)s"),
}
# Done by the person
_OWN = {
    Event.LOGIN: _("You signed in"),
    Event.LOGOUT: _("You signed out"),
    Event.TOKEN_ISSUED: _("You created the personal access token %(token)s"),
    Event.TOKEN_CHANGED: _("You changed the token %(token)s"),
    Event.TOKEN_REVOKED: _("You revoked the personal access token %(token)s"),
    Event.USER_CREATED: _("You created the user %(name)s"),
    Event.USER_CHANGED: _("You changed the user %(name)s"),
    Event.USER_DELETED: _("You deleted the user %(name)s"),
    Event.USER_PASSWORD_CHANGED: _("You set the password of the user %(name)s"),
    Event.ORGANIZATION_CREATED: _("You created the organization %(name)s"),
    Event.ORGANIZATION_CHANGED: _("You changed the organization %(name)s"),
    Event.ORGANIZATION_DELETED: _("You deleted the organization %(name)s"),
    Event.MEMBER_ADDED: _("You added a member to the organization %(name)s"),
    Event.MEMBER_REMOVED: _("You removed a member from the organization %(name)s"),
}


@dataclass(frozen=True)
class Entry:
    """One thing that happened. ``by_other`` names whoever did it when that was not the person."""

    pk: int
    timestamp: datetime
    sentence: str
    by_other: str
    remote_address: str | None


def recent(user: User, *, count: int, before: int | None = None) -> tuple[list[Entry], bool]:
    """The newest entries with an id below ``before``: what ``user`` did, and what was done to their account.

    Returns them, and whether there are older ones. Renewals are left out: applications make them by the hour.
    """
    rows = Activity.objects.exclude(event=Event.TOKEN_REFRESHED).order_by("-pk")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    # Two queries that each walk an index backwards; one with OR might walk the whole log
    own = rows.filter(actor=user)[: count + 1]
    about = rows.filter(object_type=User.awx_type, object_id=user.pk).exclude(actor=user)[: count + 1]
    newest = list(islice(merge(own, about, key=lambda row: -row.pk), count + 1))
    return list(_tell(newest[:count], user)), len(newest) > count


def _tell(rows: list[Activity], user: User) -> Iterator[Entry]:
    clients = {row.client_id for row in rows if row.client_id}
    names = dict(Application.objects.filter(client_id__in=clients).values_list("client_id", "name"))
    for row in rows:
        facts = {
            "application": names.get(row.client_id) or _("an application that no longer exists"),
            "name": row.object_name,
            "token": _token_name(row),
        }
        by_other = row.actor_name if row.actor_id != user.pk else ""
        yield Entry(row.pk, row.timestamp, str(_sentence(row, user) % facts), by_other, row.remote_address)


def _sentence(row: Activity, user: User) -> str:
    event = Event(row.event)
    if row.object_type == User.awx_type and row.object_id == user.pk and event in _ACCOUNT:
        return str(_ACCOUNT[event])
    sentences = _APPLICATION if row.client_id else _OWN
    return str(sentences.get(event) or str(event.label).replace("%", "%%"))


def _token_name(row: Activity) -> str:
    """Its description, or its number."""
    description = row.changes.get("description")
    return description if description and isinstance(description, str) else f"#{row.object_id}"
