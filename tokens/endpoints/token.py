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
from tokens.endpoints.client_authentication import (
    authenticate_client,
    authenticate_client_and_find,
    recall,
    remember,
    with_client,
)
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
_CLIENT_CREDENTIALS, _DEVICE_CODE = "client_credentials", "urn:ietf:params:oauth:grant-type:device_code"


class TokenView(ProtocolEndpoint, views.TokenView):
    """Exchange a grant for tokens."""

    @property
    def _server(self) -> Server:
        server: Server = self.get_oauthlib_core().server
        return server

    def respond(self, request: HttpRequest, form: dict[str, str]) -> HttpResponse:
        """RFC 6749 §5.1 or §5.2."""
        if "grant_type" not in form:
            raise InvalidRequestError("Missing grant_type parameter.")
        body = self._issue_to_remembered(request, form) if form["grant_type"] == _CLIENT_CREDENTIALS else None
        return self._issued(form, body) if body is not None else self._decide(request, form)

    def _issue_to_remembered(self, request: HttpRequest, form: dict[str, str]) -> str | None:
        """Tokens for a client that acts for itself and was here before; ``None`` when anything speaks against them.

        The statement that stores them asks whether the client is still as we remember it. Whatever else there is to say
        is said of what the database has.
        """
        client = recall(request, form)
        if client is None:
            return None
        try:
            body, status = self._server.respond(form, client, None)
        except (IntegrityError, transactions.LostRaceError):
            return None
        return body if status == HTTPStatus.OK else None

    def _decide(self, request: HttpRequest, form: dict[str, str]) -> HttpResponse:
        client, found = _look_up(request, form)
        try:
            body, status = self._exchange(request, form, client, found)
        except OAuth2Error as error:
            response, refusal = error_response(error), error.error
        else:
            if status == HTTPStatus.OK:
                if form["grant_type"] == _CLIENT_CREDENTIALS:
                    remember(client)
                return self._issued(form, body)
            response, answer = raw_json_response(body, status=status), json.loads(body)
            refusal = answer["error"]
            context.refused(refusal, answer.get("error_description", ""))
        if refusal not in WAITING:
            changes = {"grant_type": form["grant_type"][:64], "error": refusal}
            record(Event.TOKEN_REFUSED, client_id=client.client_id, target=client, changes=changes)
        return response

    def _issued(self, form: dict[str, str], body: str) -> HttpResponse:
        metrics.ISSUED.labels(form["grant_type"]).inc()
        return raw_json_response(body, status=HTTPStatus.OK)

    def _exchange(
        self, request: HttpRequest, form: dict[str, str], client: Application, found: Found
    ) -> tuple[str, int]:
        if form["grant_type"] not in enabled_grant_types():
            context.because(f"The grant type {shown(form['grant_type'])} is unknown, or switched off in the settings.")
            raise UnsupportedGrantTypeError
        if not may_use(client, form["grant_type"]):
            registered = f"{client.client_type}, {client.authorization_grant_type}"
            context.because(f"The grant type {shown(form['grant_type'])} is not that of the client ({registered}).")
            raise UnauthorizedClientError("The client may not use this grant type.")
        server = self._server
        try:
            if form["grant_type"] == _DEVICE_CODE:  # whose row stays locked from the poll to the tokens
                return transactions.run(lambda: server.respond(form, client, None))
            return transactions.again(
                lambda attempt: server.respond(form, *((client, found) if attempt == 1 else _look_up(request, form)))
            )
        except (IntegrityError, transactions.LostRaceError):  # five times in a row
            raise InvalidGrantError("The client, the resource owner or the grant has just ended.") from None


def _look_up(request: HttpRequest, form: dict[str, str]) -> tuple[Application, Found]:
    """Who asks, proven, and what the request's right rests on; raises as :func:`authenticate_client` does."""
    if form["grant_type"] not in _FOUND_BY:
        return authenticate_client(request, form), None
    _query, value = _FOUND_BY[form["grant_type"]]
    return authenticate_client_and_find(request, form, _WITH_CLIENT[form["grant_type"]], value(form))
