"""The revocation endpoint, ``POST /api/o/revoke_token/`` (RFC 7009)."""

from __future__ import annotations

import hmac
from typing import Any

from django.http import HttpRequest, HttpResponse
from oauth2_provider import views
from oauthlib.oauth2 import InvalidClientError, InvalidRequestError

from applications.models import Application
from awx_oauth import sql, transactions
from tokens import digests, revocation
from tokens.endpoints.client_authentication import authenticate_client_and_find, authorization_scheme, with_client
from tokens.endpoints.request import ProtocolEndpoint, json_response

# By token_type_hint: what is looked up together with the client, and what after that
_LOOKUPS: dict[str, tuple[sql.Pair[Application, Any], sql.Select[Any]]] = {
    "access_token": (with_client(revocation.ACCESS_TOKENS), revocation.REFRESH_TOKENS),
    "refresh_token": (with_client(revocation.REFRESH_TOKENS), revocation.ACCESS_TOKENS),
}


class RevokeTokenView(ProtocolEndpoint, views.RevokeTokenView):
    """Revoke a token for the client that holds it, or a personal access token for whoever presents it.

    The answer to a well-formed request is always 200, so that nobody learns which tokens exist (RFC 7009 §2.2). The
    body is ``{}``: an empty one labelled JSON, and ``text/html``, each break a well-known client.
    """

    def respond(self, request: HttpRequest, form: dict[str, str]) -> HttpResponse:
        """``token_type_hint`` only says where to look first (RFC 7009 §2.1)."""
        if authorization_scheme(request) == "bearer":
            self._revoke_own(request, form)
            return json_response({})
        checksum = digests.digest(form.get("token", ""))
        first, second = _LOOKUPS.get(form.get("token_type_hint", ""), _LOOKUPS["access_token"])
        client, found = authenticate_client_and_find(request, form, first, checksum)
        required_token(form)
        token = found or second.first(checksum)
        transactions.again(lambda _attempt: revocation.revoke_presented_token(token, application=client))
        return json_response({})

    def _revoke_own(self, request: HttpRequest, form: dict[str, str]) -> None:
        """A personal access token has no client: presenting it as Bearer, too, is the proof."""
        if not form.keys().isdisjoint({"client_id", "client_secret", "client_assertion"}):
            raise InvalidRequestError("The client must authenticate in one way only.")
        cleartext = required_token(form)
        bearer = request.headers["Authorization"].partition(" ")[2].strip()
        if not hmac.compare_digest(bearer.encode(), cleartext.encode()):
            raise InvalidClientError("A bearer may only revoke itself.")
        if not transactions.again(lambda _attempt: revocation.revoke_own_token(cleartext=cleartext)):
            raise InvalidClientError("An application's token is revoked by the application, which must authenticate.")


def required_token(form: dict[str, str]) -> str:
    """The ``token`` parameter; raises :class:`~oauthlib.oauth2.InvalidRequestError` without one."""
    if "token" not in form:
        raise InvalidRequestError("Missing token parameter.")
    return form["token"]
