"""The token endpoint, ``POST /api/o/token/`` (RFC 6749 §3.2)."""

from __future__ import annotations

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from oauth2_provider import views
from oauthlib.oauth2 import (
    InvalidGrantError,
    InvalidRequestError,
    OAuth2Error,
    UnauthorizedClientError,
    UnsupportedGrantTypeError,
)

from applications.models import Application
from awx_oauth import context, sql, transactions
from awx_oauth.activity.models import Event
from awx_oauth.activity.services import record
from tokens import digests, metrics, services
from tokens.endpoints.client_authentication import authenticate_client, authenticate_client_and_find, with_client
from tokens.endpoints.request import ProtocolEndpoint, error_response, raw_json_response
from tokens.refusals import WAITING, shown
from tokens.server import Found, Server
from tokens.validator import enabled_grant_types, may_use

# What the request's right to tokens rests on, by grant type: it is looked up together with the client
_FOUND_BY: dict[str, tuple[sql.Select[Any], Callable[[dict[str, str]], str]]] = {
    "authorization_code": (services.GRANTS, lambda form: digests.digest(form.get("code", ""))),
    "refresh_token": (services.REFRESH_TOKENS, lambda form: digests.digest(form.get("refresh_token", ""))),
    "password": (services.USERS, lambda form: form.get("username", "")),
}
_WITH_CLIENT = {grant_type: with_client(query) for grant_type, (query, _value) in _FOUND_BY.items()}
_DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"


class TokenView(ProtocolEndpoint, views.TokenView):
    """Exchange a grant for tokens."""

    def respond(self, request: HttpRequest, form: dict[str, str]) -> HttpResponse:
        """RFC 6749 §5.1 or §5.2."""
        if "grant_type" not in form:
            raise InvalidRequestError("Missing grant_type parameter.")
        grant_type, found = form["grant_type"], None
        if grant_type in _FOUND_BY:
            value = _FOUND_BY[grant_type][1](form)
            client, found = authenticate_client_and_find(request, form, _WITH_CLIENT[grant_type], value)
        else:
            client = authenticate_client(request, form)
        try:
            body, status = self._exchange(form, client, found)
        except OAuth2Error as error:
            response, refusal = error_response(error), error.error
        else:
            response, refusal = raw_json_response(body, status=status), None
            if status == HTTPStatus.OK:
                metrics.ISSUED.labels(form["grant_type"]).inc()
            else:
                answer = json.loads(body)
                refusal = answer["error"]
                context.refused(refusal, answer.get("error_description", ""))
        if refusal is not None and refusal not in WAITING:
            changes = {"grant_type": form["grant_type"][:64], "error": refusal}
            record(Event.TOKEN_REFUSED, client_id=client.client_id, target=client, changes=changes)
        return response

    def _exchange(self, form: dict[str, str], client: Application, found: Found) -> tuple[str, int]:
        if form["grant_type"] not in enabled_grant_types():
            context.because(f"The grant type {shown(form['grant_type'])} is unknown, or switched off in the settings.")
            raise UnsupportedGrantTypeError
        if not may_use(client, form["grant_type"]):
            registered = f"{client.client_type}, {client.authorization_grant_type}"
            context.because(f"The grant type {shown(form['grant_type'])} is not that of the client ({registered}).")
            raise UnauthorizedClientError("The client may not use this grant type.")
        server: Server = self.get_oauthlib_core().server
        try:
            if form["grant_type"] == _DEVICE_CODE:  # whose row stays locked from the poll to the tokens
                return transactions.run(lambda: server.respond(form, client, None))
            return transactions.again(
                lambda attempt: server.respond(form, client, found if attempt == 1 else _find(form))
            )
        except (IntegrityError, transactions.LostRaceError):  # five times in a row
            raise InvalidGrantError("The client, the resource owner or the grant has just ended.") from None


def _find(form: dict[str, str]) -> Found:
    if form["grant_type"] not in _FOUND_BY:
        return None
    query, value = _FOUND_BY[form["grant_type"]]
    found: Found = query.first(value(form))
    return found
