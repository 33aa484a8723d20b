"""Ending tokens. Whatever ends, its refresh tokens end first and its family as a whole."""

from __future__ import annotations

import uuid
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from applications.models import Application
from awx_oauth import sql, transactions
from awx_oauth.accounts.models import User
from awx_oauth.activity.models import Event
from awx_oauth.activity.services import record
from tokens import digests
from tokens.models import AccessToken, DeviceGrant, Grant, RefreshToken

ACCESS_TOKENS = sql.Select(lambda checksum: AccessToken.objects.filter(token_checksum=checksum).select_related("user"))
# Also by the access token that it came with, which a rotation has removed: its client may still revoke the family by it
REFRESH_TOKENS = sql.Select(
    lambda checksum: RefreshToken.objects.filter(
        Q(token_checksum=checksum) | Q(access_token_checksum=checksum)
    ).select_related("user")
)


def revoke_presented_token(token: AccessToken | RefreshToken | None, *, application: Application) -> None:
    """Revoke a token that a client presents if it is its own; else change nothing (RFC 7009 §2.1).

    A token that was rotated already still ends its family, so that a revocation wins over a refresh at the same moment.
    """
    if token is not None and token.application_id == application.pk:
        _revoke(token, actor=token.user, client_id=application.client_id)


def revoke_own_token(*, cleartext: str) -> bool:
    """Revoke the personal access token that its holder presents. Returns whether it now is no token of any kind."""
    token = ACCESS_TOKENS.first(digests.digest(cleartext))
    if token is not None and token.is_personal:
        _revoke(token, actor=token.user, client_id="")
    return token is None or token.is_personal


def revoke_token(token: AccessToken | RefreshToken, *, actor: User | None) -> None:
    """Revoke one access or refresh token and the family it belongs to."""
    client_id = token.application.client_id if token.application else ""
    _revoke(token, actor=actor, client_id=client_id)


def revoke_user_tokens(user: User, *, actor: User | None, personal: bool = True) -> int:
    """Revoke what ``user`` granted to applications, and with ``personal`` their own tokens too. Returns how many."""
    access_tokens = AccessToken.objects.filter(user=user)
    if not personal:
        access_tokens = access_tokens.exclude(application=None)
    with transactions.join():
        ended = _end_all(access_tokens, user=user)
        if ended:
            record(Event.TOKEN_REVOKED, actor=actor, target=user, changes={"tokens": ended})
    return ended


def revoke_application_tokens(application: Application, *, actor: User | None, user: User | None = None) -> int:
    """Revoke what ``application`` holds, all of it or what ``user`` granted. Returns how many tokens."""
    held: dict[str, Any] = {"application": application, **({"user": user} if user else {})}
    with transactions.join():
        ended = _end_all(AccessToken.objects.filter(**held), **held)
        if ended:
            client_id, changes = application.client_id, {"tokens": ended}
            record(Event.TOKEN_REVOKED, actor=actor, client_id=client_id, target=application, changes=changes)
    return ended


def _revoke(token: AccessToken | RefreshToken, *, actor: User | None, client_id: str) -> None:
    """End a token's family, or the token alone where it has none, with one entry if any of it was alive."""
    entry: dict[str, Any] = {"event": Event.TOKEN_REVOKED, "actor": actor, "client_id": client_id, "target": token}
    if isinstance(token, AccessToken):
        entry["changes"] = token.logged_values()
    family = token.token_family
    if family is None:
        record(**entry, when=sql.Removed(AccessToken, "id", token.pk))
        return
    live = sql.Spent(RefreshToken, "revoked", "token_family", family, also=("updated",))
    if not record(**entry, when=live, without=sql.Removed(AccessToken, "token_family", family)):
        # No refresh token that this statement could see was alive: one may be on its way
        with transactions.join():
            if end_family(family):
                record(**entry)


def _end_all(access_tokens: QuerySet[AccessToken], **held: Any) -> int:
    """End every code and token that ``held`` selects; of the access tokens only those given."""
    now = timezone.now()
    Grant.objects.filter(used=None, **held).update(used=now)
    DeviceGrant.objects.filter(used=None, **held).update(used=now)
    ended = _end_refresh_tokens(RefreshToken.objects.filter(**held))
    return ended + access_tokens.delete()[0]


def end_family(family: uuid.UUID) -> int:
    """End every token of a family, in the transaction under way. Returns how many were alive."""
    ended = _end_refresh_tokens(RefreshToken.objects.filter(token_family=family), at_most=1)
    return ended + AccessToken.objects.filter(token_family=family).delete()[0]


def end_replayed_family(family: uuid.UUID, *, user: User | None, application: Application) -> None:
    """End what came from a code that is presented a second time (RFC 6749 §10.5)."""
    with transactions.join():
        end_family(family)
        record(Event.CODE_REPLAYED, actor=user, client_id=application.client_id, target=application)


def _end_refresh_tokens(refresh_tokens: QuerySet[RefreshToken], *, at_most: int | None = None) -> int:
    """End refresh tokens for good, also those that a rotation under way is about to add. Returns how many were alive.

    An update waits for a rotation that holds a live refresh token, then finds it spent and misses its successor, which
    its statement could not see yet: so look again until none is alive, or ``at_most`` as many as can be have ended.
    Refresh tokens come before access tokens, as everywhere: whoever locks in another order deadlocks with a rotation.
    """
    live = refresh_tokens.filter(revoked=None)
    ended = 0
    while True:
        now = timezone.now()
        ended += live.update(revoked=now, updated=now)
        if ended == at_most or not live.exists():
            return ended
