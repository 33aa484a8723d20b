"""What can be done with codes and tokens. Each function writes its entry to the audit log.

A token family is what came from one authorization: the code, every refresh token in turn, and the access token that
goes with the newest. It ends as a whole.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Model
from django.utils import timezone
from oauth2_provider.settings import oauth2_settings

from applications.models import Application
from awx_oauth import context, sql, transactions
from awx_oauth.accounts.models import User
from awx_oauth.activity.models import Event
from awx_oauth.activity.services import record
from tokens import digests
from tokens.models import AccessToken, DeviceGrant, Grant, RefreshToken
from tokens.revocation import end_family, end_replayed_family

GRANTS = sql.Select(
    lambda checksum: Grant.objects.filter(code_checksum=checksum)
    .select_related("user")
    .only("application", "user__username", "user__is_active", "scope", "redirect_uri", "redirect_uri_given",
          "code_challenge", "token_family", "expires", "used")
)  # fmt: skip
REFRESH_TOKENS = sql.Select(
    lambda checksum: (
        RefreshToken.objects.filter(token_checksum=checksum)
        .select_related("user")
        .only("application", "user__username", "user__is_active", "scope", "token_family", "expires", "revoked")
    )
)
USERS = sql.Select(lambda username: User.objects.filter(username=username))


@dataclass(frozen=True)
class Cleartexts:
    """Token values on their way to the client: they exist nowhere else."""

    access_token: str
    refresh_token: str | None = None

    @classmethod
    def generate(cls, *, refreshable: bool) -> Cleartexts:
        """New random values, with a refresh token if ``refreshable``."""
        return cls(digests.generate(), digests.generate() if refreshable else None)


def grant_code(
    *,
    user: User,
    application: Application,
    scope: str,
    redirect_uri: str,
    redirect_uri_given: bool,
    code_challenge: str,
) -> str:
    """Grant what the resource owner consented to. Returns the authorization code (RFC 6749 §4.1.2).

    Raises :class:`~awx_oauth.transactions.LostRaceError` when what proved ``user`` has ended since.
    """
    code = digests.generate()
    grant = Grant(
        code_checksum=digests.digest(code),
        user=user,
        application=application,
        scope=scope,
        redirect_uri=redirect_uri,
        redirect_uri_given=redirect_uri_given,
        code_challenge=code_challenge,
        expires=_after(oauth2_settings.AUTHORIZATION_CODE_EXPIRE_SECONDS),
    )
    granted = record(
        Event.CODE_GRANTED,
        actor=user,
        client_id=application.client_id,
        changes={"scope": scope},
        rows=[grant],
        when=still_proven(user),
    )
    if not granted:
        raise transactions.LostRaceError
    return code


def still_proven(user: User) -> sql.Condition:
    """That the password, or the session that came of it, which ``user`` was loaded with still counts.

    Otherwise something could be granted at the moment that a new password ends all that was, and live on.
    """
    return sql.Held(user, ("password", "is_active"))


def check_code(grant: Grant | None, *, application: Application) -> Grant | None:
    """The code that a client presents, if it is its own and was not used before; a replay ends its family.

    What it returns is to be spent, by :func:`store_tokens` or by :func:`spend_code` (RFC 6749 §4.1.2, §10.5).
    """
    if grant is None or grant.application_id != application.pk:
        context.because("The code is unknown." if grant is None else "The code was issued to another client.")
        return None
    if grant.used is not None:
        context.because(f"The code was used before, at {_time(grant.used)}: every token from it has ended.")
        end_replayed_family(grant.token_family, user=grant.user, application=application)
        return None
    return grant


def is_redeemable(grant: Grant) -> bool:
    """Whether the time and the resource owner still allow it."""
    if grant.is_expired() or not grant.user.is_active:
        context.because(_why_ended("code", grant))
        return False
    return True


def spend_code(grant: Grant) -> None:
    """Spend a code whose redemption failed, so that nobody tries again (RFC 9700 §4.5).

    One that another request has spent meanwhile is a replay.
    """
    with transactions.join():
        if not Grant.objects.filter(pk=grant.pk, used=None).update(used=timezone.now()):
            end_replayed_family(grant.token_family, user=grant.user, application=grant.application)


def check_refresh_token(token: RefreshToken | None, *, application: Application) -> RefreshToken | None:
    """The live refresh token that a client presents, if it is its own; spend it with :func:`store_tokens`.

    A spent one ends its family: either the client or a thief presents it a second time, and nobody can tell which
    (RFC 9700 §4.14.2).
    """
    if token is None or token.application_id != application.pk:
        which = "unknown" if token is None else "another client's"
        context.because(f"The refresh token is {which}.")
        return None
    if token.revoked is not None:
        context.because(f"The refresh token was spent or revoked at {_time(token.revoked)}.")
        with transactions.join():
            if end_family(token.token_family):
                record(Event.TOKEN_REPLAYED, actor=token.user, client_id=application.client_id)
        return None
    if not token.is_live or not token.user.is_active:
        context.because(_why_ended("refresh token", token))
        return None
    return token


def store_tokens(
    cleartexts: Cleartexts,
    *,
    application: Application | None,
    user: User | None,
    scope: str,
    lifetime: int,
    granted: Grant | DeviceGrant | None = None,
    spent: RefreshToken | None = None,
    proven: bool = False,
    description: str = "",
) -> AccessToken:
    """Store an access token that lives ``lifetime`` seconds, and a refresh token when there is one.

    ``granted`` is the code or device code that is redeemed; a code is spent. ``spent`` is the refresh token that is
    exchanged: it and its access token end, and the next one keeps its scope (RFC 6749 §6). ``proven`` says that
    ``user`` has shown the password, which must still be theirs; without a user, the client must still be the one that
    authenticated. Raises :class:`~awx_oauth.transactions.LostRaceError` when another request was faster with any of
    these.
    """
    now = timezone.now()
    source = spent or granted
    family = source.token_family if source else uuid.uuid4() if cleartexts.refresh_token is not None else None
    owned: dict[str, Any] = {"user": user, "application": application, "token_family": family}
    access_token = sql.new(
        AccessToken,
        id=sql.KEY,
        token_checksum=digests.digest(cleartexts.access_token),
        scope=scope,
        expires=now + timedelta(seconds=lifetime),
        description=description,
        **owned,
    )
    rows: list[Model] = [access_token]
    if cleartexts.refresh_token is not None:
        refresh_token = sql.new(
            RefreshToken,
            token_checksum=digests.digest(cleartexts.refresh_token),
            access_token_checksum=access_token.token_checksum,
            scope=spent.scope if spent is not None else scope,
            expires=now + timedelta(seconds=oauth2_settings.REFRESH_TOKEN_EXPIRE_SECONDS),
            **owned,
        )
        rows.append(refresh_token)
    stored = record(
        Event.TOKEN_ISSUED if spent is None else Event.TOKEN_REFRESHED,
        actor=user,
        client_id=application.client_id if application else "",
        target=access_token,
        changes=access_token.logged_values(),
        rows=rows,
        when=_still_there(granted, spent, user, application, proven=proven),
        without=sql.Removed(AccessToken, "token_family", family) if spent is not None else None,
    )
    if not stored:
        raise transactions.LostRaceError
    return access_token


def _still_there(
    granted: Grant | DeviceGrant | None,
    spent: RefreshToken | None,
    user: User | None,
    client: Application | None,
    *,
    proven: bool,
) -> sql.Condition | None:
    """What must still be so when the tokens are stored. A device code is locked."""
    owners = tuple(owner for owner in (client, user) if owner is not None)
    if isinstance(granted, Grant):
        return sql.Spent(Grant, "used", "id", granted.pk, under=owners)
    if spent is not None:
        return sql.Spent(RefreshToken, "revoked", "id", spent.pk, also=("updated",), under=owners)
    if user is None and client is not None:
        return sql.Same(client, ("client_secret", "client_type", "authorization_grant_type"))
    return still_proven(user) if user is not None and proven else None


def issue_personal_token(
    *, user: User, scope: str, description: str = "", expires: datetime | None = None
) -> tuple[AccessToken, str]:
    """Give a person a token of their own (AWX). Returns it with its value in cleartext.

    ``expires`` may only shorten the default lifetime; later ones are cut to it.
    """
    cleartexts = Cleartexts.generate(refreshable=False)
    lifetime = settings.PERSONAL_ACCESS_TOKEN_EXPIRE_SECONDS
    if expires is not None:
        lifetime = min(lifetime, int((expires - timezone.now()).total_seconds()))
    token = store_tokens(
        cleartexts, application=None, user=user, scope=scope, lifetime=lifetime, description=description
    )
    return token, cleartexts.access_token


def issue_application_token(
    *, user: User, application: Application, scope: str, description: str = ""
) -> tuple[AccessToken, str, str | None]:
    """Give an application tokens for ``user`` (AWX). Returns the access token, its value, and the refresh token's.

    There is no refresh token for a client that could not use it (RFC 6749 §4.4.3).
    """
    refreshable = application.authorization_grant_type != Application.GrantType.CLIENT_CREDENTIALS
    cleartexts = Cleartexts.generate(refreshable=refreshable)
    token = store_tokens(
        cleartexts,
        application=application,
        user=user,
        scope=scope,
        lifetime=oauth2_settings.ACCESS_TOKEN_EXPIRE_SECONDS,
        description=description,
    )
    return token, cleartexts.access_token, cleartexts.refresh_token


def change_token(token: AccessToken, *, actor: User | None, **fields: str) -> None:
    """Set the ``scope`` or ``description`` of an access token."""
    with transactions.join():
        before = AccessToken.objects.select_for_update(of=("self",)).get(pk=token.pk).logged_values()
        for name, value in fields.items():
            setattr(token, name, value)
        token.save(update_fields=[*fields, "updated"])
        after = token.logged_values()
        changes = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
        if changes:
            record(Event.TOKEN_CHANGED, actor=actor, target=token, changes=changes)


def _why_ended(name: str, granted: Grant | RefreshToken) -> str:
    if not granted.user.is_active:
        return f"The user who granted the {name} is not active."
    return f"The {name} expired at {_time(granted.expires)}."


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def _after(seconds: int) -> datetime:
    return timezone.now() + timedelta(seconds=seconds)
