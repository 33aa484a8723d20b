"""The introspection endpoint, ``POST /api/o/introspect/`` (RFC 7662)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from applications.models import Application
from awx_oauth import sql
from awx_oauth.throttling import FailureLimit
from tokens import digests
from tokens.endpoints.client_authentication import authenticate_client_and_find, with_client
from tokens.endpoints.request import ProtocolEndpoint, json_response
from tokens.endpoints.revocation import required_token
from tokens.issuer import issuer
from tokens.models import AccessToken, RefreshToken

_DESCRIBED = ("scope", "expires", "created", "application__client_id", "user__username", "user__is_active")
_ACCESS_TOKENS = sql.Select(
    lambda checksum: (
        AccessToken.objects.filter(token_checksum=checksum).select_related("user", "application").only(*_DESCRIBED)
    )
)
_WITH_CLIENT = with_client(_ACCESS_TOKENS)
_REFRESH_TOKENS = sql.Select(
    lambda checksum: (
        RefreshToken.objects.filter(token_checksum=checksum)
        .select_related("user", "application")
        .only("revoked", *_DESCRIBED)
    )
)
_UNKNOWN = FailureLimit("UNKNOWN_TOKENS_PER_CLIENT")


class IntrospectTokenView(ProtocolEndpoint):
    """Tell a resource server what a token is good for.

    A confidential client sees its own tokens, a resource server every client's; for anybody else every token is
    inactive, so that nobody learns which exist (RFC 7662 §4).
    """

    def respond(self, request: HttpRequest, form: dict[str, str]) -> HttpResponse:
        """RFC 7662 §2.2."""
        checksum = digests.digest(form.get("token", ""))
        client, access_token = authenticate_client_and_find(request, form, _WITH_CLIENT, checksum)
        required_token(form)
        token = access_token or _REFRESH_TOKENS.first(checksum)
        if token is not None and not (_is_visible(token, client) and _is_alive(token)):
            token = None
        if token is None:
            _UNKNOWN.check(client.client_id)
            _UNKNOWN.note(client.client_id)
            return json_response({"active": False})
        return json_response({"active": True, **_describe(token), "iss": issuer(request)})


def _is_visible(token: AccessToken | RefreshToken, client: Application) -> bool:
    return not client.is_public and (client.resource_server or token.application_id == client.pk)


def _is_alive(token: AccessToken | RefreshToken) -> bool:
    if token.user is not None and not token.user.is_active:
        return False
    if isinstance(token, RefreshToken):
        return token.is_live
    return bool(timezone.now() < token.expires)


def _describe(token: AccessToken | RefreshToken) -> dict[str, Any]:
    members: dict[str, Any] = {
        "scope": token.scope,
        "token_type": "Bearer" if isinstance(token, AccessToken) else "refresh_token",
        "exp": int(token.expires.timestamp()),
        "iat": int(token.created.timestamp()),
    }
    if token.application is not None:
        members["client_id"] = token.application.client_id
    if token.user is not None:
        members |= {"username": token.user.get_username(), "sub": str(token.user.pk)}
    return members
