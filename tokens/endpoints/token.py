"""The token endpoint, ``POST /api/o/token/`` (RFC 6749 §3.2)."""

from __future__ import annotations

import json
from http import HTTPStatus

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
from awx_oauth import context, transactions
from awx_oauth.activity.models import Event
from awx_oauth.activity.services import record
from tokens import metrics
from tokens.endpoints.client_authentication import authenticate_client
from tokens.endpoints.request import ProtocolEndpoint, error_response, raw_json_response
from tokens.refusals import WAITING, shown
from tokens.server import Server
from tokens.validator import enabled_grant_types, may_use

# These spend something in the transaction that stores the tokens. The others spend nothing, and a password is checked
# for 40 ms, too long to hold SQLite's one write lock.
_SPENDING = frozenset({"authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"})


class TokenView(ProtocolEndpoint, views.TokenView):
    """Exchange a grant for tokens."""

    def respond(self, request: HttpRequest, form: dict[str, str]) -> HttpResponse:
        """RFC 6749 §5.1 or §5.2."""
        if "grant_type" not in form:
            raise InvalidRequestError("Missing grant_type parameter.")
        client = authenticate_client(request, form)
        try:
            body, status = self._exchange(form, client)
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

    def _exchange(self, form: dict[str, str], client: Application) -> tuple[str, int]:
        if form["grant_type"] not in enabled_grant_types():
            context.because(f"The grant type {shown(form['grant_type'])} is unknown, or switched off in the settings.")
            raise UnsupportedGrantTypeError
        if not may_use(client, form["grant_type"]):
            registered = f"{client.client_type}, {client.authorization_grant_type}"
            context.because(f"The grant type {shown(form['grant_type'])} is not that of the client ({registered}).")
            raise UnauthorizedClientError("The client may not use this grant type.")
        server: Server = self.get_oauthlib_core().server
        try:
            if form["grant_type"] in _SPENDING:
                return transactions.run(lambda: server.respond(form, client))
            return server.respond(form, client)
        except IntegrityError:
            raise InvalidGrantError("The client or the resource owner was deleted.") from None
