"""Bearer tokens at the REST API (RFC 6750)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import APIException, AuthenticationFailed
from rest_framework.request import Request

from awx_oauth.accounts.models import User
from tokens import digests
from tokens.models import AccessToken
from tokens.revocation import ACCESS_TOKENS

_LAST_USED_STEP = timedelta(minutes=1)
_ERROR = "awx_oauth.bearer_error"


class TwoBearerTokensError(APIException):
    """More than one way to send a token in one request (RFC 6750 §2)."""

    status_code = 400
    default_detail = "The request carries an access token in more than one way."
    default_code = "invalid_request"

    def __init__(self) -> None:
        super().__init__()
        self.auth_header = challenge(error="invalid_request")


class BearerAuthentication(BaseAuthentication):
    """``Authorization: Bearer``, and nowhere else: never in a URL (RFC 9700 §4.3.2)."""

    def authenticate(self, request: Request) -> tuple[User | AnonymousUser, AccessToken] | None:
        """The token's user and the token; a client's own token has nobody behind it.

        ``None`` without a bearer token, so that session and Basic get their turn. Raises
        :class:`~rest_framework.exceptions.AuthenticationFailed` for a token that is unknown, expired, revoked, or of a
        user who may not log in.
        """
        scheme, _space, cleartext = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        if "access_token" in request.query_params:
            raise TwoBearerTokensError
        token = ACCESS_TOKENS.first(digests.digest(cleartext.strip()))
        if token is None or token.is_expired() or (token.user is not None and not token.user.is_active):
            request.META[_ERROR] = "invalid_token"  # for authenticate_header, which another instance answers
            raise AuthenticationFailed("The access token is invalid or has expired.")
        _note_use(token)
        return token.user or AnonymousUser(), token

    def authenticate_header(self, request: Request) -> str:
        """The challenge of every 401 of the REST API; never Basic, which would make a browser ask."""
        return challenge(error=request.META.get(_ERROR))


def challenge(**parameters: str | None) -> str:
    """A ``WWW-Authenticate`` value (RFC 6750 §3) with AWX's ``authorization_url``."""
    known: dict[str, Any] = {"realm": "api", "authorization_url": reverse("oauth2_provider:authorize"), **parameters}
    return "Bearer " + ", ".join(f'{name}="{value}"' for name, value in known.items() if value is not None)


def _note_use(token: AccessToken) -> None:
    """Write ``last_used`` at most once a minute, however many requests arrive at once."""
    now = timezone.now()
    stale = now - _LAST_USED_STEP
    if token.last_used is None or token.last_used < stale:
        unnoted = AccessToken.objects.filter(Q(last_used=None) | Q(last_used__lt=stale), pk=token.pk)
        unnoted.update(last_used=now)
