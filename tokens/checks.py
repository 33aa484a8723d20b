"""``manage.py check --deploy``: each setting that weakens what the RFCs ask for, numbered, with a way out."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register  # noqa: A004  # Django's name for it
from oauth2_provider.settings import oauth2_settings

_YEAR = 366 * 24 * 3600
_FAILURE_LIMITS = (
    "FAILED_PASSWORDS_PER_ADDRESS",
    "FAILED_PASSWORDS_PER_USER_AND_ADDRESS",
    "FAILED_SECRETS_PER_CLIENT_AND_ADDRESS",
    "FAILED_USER_CODES_PER_USER",
    "UNKNOWN_TOKENS_PER_CLIENT",
)


@register(Tags.security, deploy=True)
def check_password_grant(**_kwargs: Any) -> list[CheckMessage]:
    """W001: RFC 9700 §2.4."""
    if not settings.PASSWORD_GRANT_ENABLED:
        return []
    return [
        Warning(
            "The password grant is on: applications that use it learn their users' passwords (RFC 9700 §2.4).",
            hint="Set PASSWORD_GRANT_ENABLED=false, unless `awx login` or another client of AWX needs it.",
            id="tokens.W001",
        )
    ]


@register(Tags.security, deploy=True)
def check_issuer(**_kwargs: Any) -> list[CheckMessage]:
    """W002, W003: RFC 8414 §2, §3, RFC 9207 §2."""
    issuer = urlsplit(settings.OAUTH2_ISSUER)
    found: list[CheckMessage] = []
    if issuer.scheme != "https" or not issuer.netloc:
        found.append(
            Warning(
                "OAUTH2_ISSUER is not an https address, so clients cannot be sure who answers them (RFC 8414 §2).",
                hint="Set OAUTH2_ISSUER to the public https address of this service.",
                id="tokens.W002",
            )
        )
    if issuer.path or issuer.query or issuer.fragment:
        found.append(
            Warning(
                "OAUTH2_ISSUER has more than scheme and host, so clients miss the metadata (RFC 8414 §3).",
                hint="Give the service a host name of its own, and set OAUTH2_ISSUER to https:// and that name.",
                id="tokens.W003",
            )
        )
    return found


@register(Tags.security, deploy=True)
def check_lifetimes(**_kwargs: Any) -> list[CheckMessage]:
    """W004 to W009: what lives longer than it should."""
    lifetimes = [
        # RFC 6749 §4.1.2 recommends ten minutes at most
        ("W004", "AUTHORIZATION_CODE_EXPIRE_SECONDS", oauth2_settings.AUTHORIZATION_CODE_EXPIRE_SECONDS, 600),
        # RFC 6750 §5.3 asks for short lifetimes; a year is where a mistake in the number is likely
        ("W005", "ACCESS_TOKEN_EXPIRE_SECONDS", oauth2_settings.ACCESS_TOKEN_EXPIRE_SECONDS, _YEAR),
        ("W006", "REFRESH_TOKEN_EXPIRE_SECONDS", oauth2_settings.REFRESH_TOKEN_EXPIRE_SECONDS, _YEAR),
        ("W007", "PERSONAL_ACCESS_TOKEN_EXPIRE_SECONDS", settings.PERSONAL_ACCESS_TOKEN_EXPIRE_SECONDS, _YEAR),
        # RFC 8628 §5.2: the longer it waits, the easier it is to talk somebody into it
        ("W008", "DEVICE_CODE_EXPIRE_SECONDS", settings.DEVICE_CODE_EXPIRE_SECONDS, 3600),
        ("W009", "AUTHORIZATION_REQUEST_SECONDS", settings.AUTHORIZATION_REQUEST_SECONDS, 3600),
    ]
    return [
        Warning(
            f"{name} is {seconds}, over {most} seconds: what leaks can be used for long.",
            hint=f"Set {name} to {most} or less.",
            id=f"tokens.{number}",
        )
        for number, name, seconds, most in lifetimes
        if seconds > most
    ]


@register(Tags.security, deploy=True)
def check_failure_limits(**_kwargs: Any) -> list[CheckMessage]:
    """W010: RFC 6749 §2.3.1, §4.3.2, RFC 8628 §5.1."""
    return [
        Warning(
            f"{name} is 0, so nothing slows down who guesses (RFC 6749 §2.3.1).",
            hint=f"Set {name} to a number, or remove it for the default.",
            id="tokens.W010",
        )
        for name in _FAILURE_LIMITS
        if not getattr(settings, name)
    ]
