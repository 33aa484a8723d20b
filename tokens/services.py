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
from django.utils import timezone
from oauth2_provider.settings import oauth2_settings

from applications.models import Application
from awx_oauth import context, sql, transactions
from awx_oauth.accounts.models import User
from awx_oauth.activity.models import Event
from awx_oauth.activity.services import record
from tokens import digests
from tokens.models import AccessToken, Grant, RefreshToken
from tokens.revocation import end_family, end_replayed_family

_GRANTS = sql.Select(
    lambda checksum: Grant.objects.filter(code_checksum=checksum).select_related("user").select_for_update(of=("self",))
)
_REFRESH_TOKENS = sql.Select(
    lambda checksum: (
        RefreshToken.objects.filter(token_checksum=checksum).select_related("user").select_for_update(of=("self",))
    )
)


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
    """Grant what the resource owner consented to. Returns the authorization code (RFC 6749 §4.1.2)."""
    code = digests.generate()
    with transactions.join():
        Grant.objects.create(
            code_checksum=digests.digest(code),
            user=user,
            application=application,
            scope=scope,
            redirect_uri=redirect_uri,
            redirect_uri_given=redirect_uri_given,
            code_challenge=code_challenge,
            expires=_after(oauth2_settings.AUTHORIZATION_CODE_EXPIRE_SECONDS),
        )
        record(Event.CODE_GRANTED, actor=user, client_id=application.client_id, changes={"scope": scope})
    return code


def redeem_code(*, application: Application, code: str) -> Grant | None:
    """Spend an authorization code, once and for its own client; ``None`` when it is not to be had.

    Call it in a transaction: the row stays locked, so the same code presented at the same moment waits, and then
    counts as a replay, which ends the family (RFC 6749 §4.1.2, §10.5).
    """
    grant = _GRANTS.first(digests.digest(code))
    if grant is None or grant.application_id != application.pk:
        context.because("The code is unknown." if grant is None else "The code was issued to another client.")
        return None
    if grant.used is not None:
        context.because(f"The code was used before, at {_time(grant.used)}: every token from it has ended.")
        end_replayed_family(grant.token_family, user=grant.user, application=application)
        return None
    grant.used = timezone.now()
    sql.update(grant, "used")
    if grant.is_expired() or not grant.user.is_active:
        context.because(_why_ended("code", grant))
        return None
    return grant


def confirm_credentials(user: User) -> bool:
    """Whether the password that ``user`` was loaded with still counts; it stays so until the transaction ends.

    Without it, tokens could be issued for a password at the moment that changing it revokes every token.
    """
    locked = User.objects.select_for_update(no_key=True)
    return locked.filter(pk=user.pk, password=user.password, is_active=True).first() is not None


def find_refresh_token(*, application: Application, cleartext: str) -> RefreshToken | None:
    """Look up and lock a live refresh token of this client; ``None`` when there is none.

    Call it in a transaction and spend what it returns with :func:`store_tokens`. A spent one ends its family: either
    the client or a thief presents it a second time, and nobody can tell which (RFC 9700 §4.14.2).
    """
    token = _REFRESH_TOKENS.first(digests.digest(cleartext))
    if token is None or token.application_id != application.pk:
        which = "unknown" if token is None else "another client's"
        context.because(f"The refresh token is {which}.")
        return None
    if token.revoked is not None:
        context.because(f"The refresh token was spent or revoked at {_time(token.revoked)}.")
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
    family: uuid.UUID | None = None,
    spent: RefreshToken | None = None,
    description: str = "",
) -> AccessToken:
    """Store an access token that lives ``lifetime`` seconds, and a refresh token when there is one.

    ``spent`` is the refresh token that is exchanged: it and its access token end, and the next one keeps its scope
    (RFC 6749 §6). ``family`` is that of the code or device code that is redeemed.
    """
    now = timezone.now()
    with transactions.join():
        if spent is not None:
            spent.revoked = now
            sql.update(spent, "revoked", "updated")
            sql.delete(AccessToken, "token_family", spent.token_family)
            family = spent.token_family
        elif cleartexts.refresh_token is not None and family is None:
            family = uuid.uuid4()
        owned: dict[str, Any] = {"user": user, "application": application, "token_family": family}
        access_token = AccessToken(
            token_checksum=digests.digest(cleartexts.access_token),
            scope=scope,
            expires=now + timedelta(seconds=lifetime),
            description=description,
            **owned,
        )
        sql.insert(access_token)
        if cleartexts.refresh_token is not None:
            refresh_token = RefreshToken(
                token_checksum=digests.digest(cleartexts.refresh_token),
                access_token_checksum=access_token.token_checksum,
                scope=spent.scope if spent is not None else scope,
                expires=now + timedelta(seconds=oauth2_settings.REFRESH_TOKEN_EXPIRE_SECONDS),
                **owned,
            )
            sql.insert(refresh_token)
        record(
            Event.TOKEN_ISSUED if spent is None else Event.TOKEN_REFRESHED,
            actor=user,
            client_id=application.client_id if application else "",
            target=access_token,
            changes=access_token.logged_values(),
        )
    return access_token


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
) -> tuple[AccessToken, str, str]:
    """Give an application tokens for ``user`` (AWX). Returns the access token, its value, and the refresh token's."""
    cleartexts = Cleartexts.generate(refreshable=True)
    token = store_tokens(
        cleartexts,
        application=application,
        user=user,
        scope=scope,
        lifetime=oauth2_settings.ACCESS_TOKEN_EXPIRE_SECONDS,
        description=description,
    )
    return token, cleartexts.access_token, cleartexts.refresh_token or ""


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
