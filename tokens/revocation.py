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

_ACCESS_TOKENS = sql.Select(
    lambda checksum: AccessToken.objects.filter(token_checksum=checksum).select_related("user", "application")
)
_REFRESH_TOKENS = sql.Select(
    lambda checksum, same: RefreshToken.objects.filter(
        Q(token_checksum=checksum) | Q(access_token_checksum=same)
    ).select_related("user")
)


def revoke_presented_token(*, application: Application, cleartext: str, hint: str = "") -> None:
    """Revoke an access or refresh token that its client presents; anything else changes nothing (RFC 7009 §2.1).

    ``hint`` says which kind to look for first. A token that was rotated already still ends its family, so that a
    revocation wins over a refresh at the same moment.
    """
    checksum = digests.digest(cleartext)
    with transactions.join():
        access_token = None if hint == "refresh_token" else _ACCESS_TOKENS.first(checksum)
        refresh_token = None if access_token else _REFRESH_TOKENS.first(checksum, checksum)
        if access_token is None and refresh_token is None:
            access_token = _ACCESS_TOKENS.first(checksum)
        if access_token is not None and access_token.application == application:
            _revoke(access_token, actor=access_token.user)
        elif refresh_token is not None and refresh_token.application_id == application.pk:
            _revoke_refresh_token(refresh_token, actor=refresh_token.user, client_id=application.client_id)


def revoke_own_token(*, cleartext: str) -> None:
    """Revoke the personal access token that its holder presents; anything else changes nothing."""
    with transactions.join():
        token = _ACCESS_TOKENS.first(digests.digest(cleartext))
        if token is not None and token.is_personal:
            _revoke(token, actor=token.user)


def revoke_access_token(token: AccessToken, *, actor: User | None) -> None:
    """Revoke one access token and the family it belongs to."""
    with transactions.join():
        _revoke(token, actor=actor)


def revoke_refresh_token(token: RefreshToken, *, actor: User | None) -> None:
    """Revoke one refresh token and the family it belongs to."""
    with transactions.join():
        _revoke_refresh_token(token, actor=actor, client_id=token.application.client_id)


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


def _revoke(token: AccessToken, *, actor: User | None) -> None:
    if token.token_family is not None:
        end_family(token.token_family)
    else:
        sql.delete(AccessToken, "id", token.pk)
    client_id = token.application.client_id if token.application else ""
    record(Event.TOKEN_REVOKED, actor=actor, client_id=client_id, target=token, changes=token.logged_values())


def _revoke_refresh_token(token: RefreshToken, *, actor: User | None, client_id: str) -> None:
    if end_family(token.token_family):
        record(Event.TOKEN_REVOKED, actor=actor, client_id=client_id, target=token)


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
    return ended + sql.delete(AccessToken, "token_family", family)


def end_replayed_family(family: uuid.UUID, *, user: User | None, application: Application) -> None:
    """End what came from a code that is presented a second time (RFC 6749 §10.5)."""
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
