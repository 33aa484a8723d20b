"""Device codes (RFC 8628): handed out, approved by a person, polled for. Each function is one step of that."""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from oauthlib.oauth2 import DeviceCodeGrant

from applications.models import Application
from awx_oauth import context
from awx_oauth.accounts.models import User
from awx_oauth.activity.models import Event
from awx_oauth.activity.services import record
from tokens import digests, revocation, services
from tokens.models import DeviceGrant

# RFC 8628 §6.1: no vowels, so no words, and nothing to confuse with a digit; 20^8 is 34 bits
_USER_CODE_ALPHABET = "BCDFGHJKLMNPQRSTVWXZ"
_USER_CODE_LENGTH = 8
_SLOWER = 5  # seconds that each slow_down adds (RFC 8628 §3.5)


def start(*, application: Application, scope: str) -> tuple[DeviceGrant, str]:
    """Begin a device authorization (RFC 8628 §3.2). Returns it with the device code in cleartext."""
    device_code = digests.generate()
    while True:
        user_code = "".join(secrets.choice(_USER_CODE_ALPHABET) for _ in range(_USER_CODE_LENGTH))
        try:
            with transaction.atomic():
                grant = DeviceGrant.objects.create(
                    application=application,
                    device_code_checksum=digests.digest(device_code),
                    user_code=user_code,
                    scope=scope,
                    interval=settings.DEVICE_POLLING_INTERVAL_SECONDS,
                    expires=timezone.now() + timedelta(seconds=settings.DEVICE_CODE_EXPIRE_SECONDS),
                )
        except IntegrityError:
            if DeviceGrant.objects.filter(user_code=user_code).exists():
                continue  # somebody else has this code right now
            raise
        return grant, device_code


def display(user_code: str) -> str:
    """A user code as a person reads it: ``WDJB-MJHT``."""
    half = len(user_code) // 2
    return f"{user_code[:half]}-{user_code[half:]}"


def find_pending(typed: str) -> DeviceGrant | None:
    """The authorization that waits under a user code, however it was typed (RFC 8628 §6.1); ``None`` without one."""
    user_code = "".join(char for char in typed.upper() if char.isalnum())
    found = _pending().filter(user_code=user_code).first()
    if found is None:
        context.because(_why_not_pending(user_code))
    return found


def get_pending(pk: int) -> DeviceGrant | None:
    """The same by its id."""
    return _pending().filter(pk=pk).first()


def decide(grant: DeviceGrant, *, user: User, allowed: bool) -> bool:
    """Keep the person's answer. Returns whether there was still something to answer and the person still signed in."""
    with transaction.atomic():
        status = DeviceGrant.AUTHORIZED if allowed else DeviceGrant.DENIED
        answered = _pending().filter(pk=grant.pk).update(status=status, user=user)
        kept = bool(answered) and record(
            Event.CODE_GRANTED if allowed else Event.CODE_DENIED,
            actor=user,
            client_id=grant.application.client_id,
            target=grant.application,
            changes={"scope": grant.scope},
            when=services.still_proven(user),
        )
        transaction.set_rollback(not kept)
    return kept


def poll(*, application: Application, device_code: str) -> tuple[str | None, DeviceGrant | None]:
    """One poll of a device (RFC 8628 §3.5): a status of oauthlib's grant, and the authorization once it is had.

    Call it in a transaction: an approved code is spent here and its row stays locked. A spent one ends its family.
    """
    now = timezone.now()
    grant = (
        DeviceGrant.objects.select_for_update(of=("self",))
        .select_related("user")
        .filter(device_code_checksum=digests.digest(device_code))
        .first()
    )
    if grant is None or grant.application_id != application.pk:
        context.because("The device code is unknown." if grant is None else "The device code is another client's.")
        return None, None
    if grant.used is not None:
        context.because(f"The device code was used before, at {grant.used:%Y-%m-%d %H:%M:%S} UTC.")
        revocation.end_replayed_family(grant.token_family, user=grant.user, application=application)
        return None, None
    if now >= grant.expires:
        context.because(f"The device code expired at {grant.expires:%Y-%m-%d %H:%M:%S} UTC.")
        return DeviceCodeGrant.DEVICE_CODE_EXPIRED, None
    if grant.status == DeviceGrant.DENIED:
        context.because("The person said no.")
        return DeviceCodeGrant.DEVICE_CODE_DENIED, None
    if grant.status == DeviceGrant.AUTHORIZED:
        DeviceGrant.objects.filter(pk=grant.pk).update(used=now)
        if grant.user is None or not grant.user.is_active:
            context.because("The user who allowed the device is not active.")
            return None, None
        return DeviceCodeGrant.DEVICE_CODE_AUTHORIZED, grant
    since = None if grant.last_polled is None else now - grant.last_polled
    # Less than none: the clock was moved back
    too_soon = since is not None and timedelta(0) <= since < timedelta(seconds=grant.interval)
    interval = grant.interval + _SLOWER if too_soon else grant.interval
    DeviceGrant.objects.filter(pk=grant.pk).update(last_polled=now, interval=interval)
    return DeviceCodeGrant.DEVICE_CODE_SLOW_DOWN if too_soon else DeviceCodeGrant.DEVICE_CODE_PENDING, None


def _why_not_pending(user_code: str) -> str:
    grant = DeviceGrant.objects.select_related("application").filter(user_code=user_code).first()
    if grant is None:
        return "No device has this code."
    context.note(client_id=grant.application.client_id)
    if grant.status != DeviceGrant.AUTHORIZATION_PENDING:
        return f"The code was answered before: {grant.status}."
    return f"The code expired at {grant.expires:%Y-%m-%d %H:%M:%S} UTC."


def _pending() -> QuerySet[DeviceGrant]:
    waiting = DeviceGrant.objects.filter(status=DeviceGrant.AUTHORIZATION_PENDING, expires__gt=timezone.now())
    return waiting.select_related("application__organization")
