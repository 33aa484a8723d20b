"""The library's parts put together: oauthlib's grants, our validator, our token values."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from oauthlib.common import Request
from oauthlib.oauth2 import (
    AuthorizationCodeGrant,
    BearerToken,
    ClientCredentialsGrant,
    DeviceCodeGrant,
    RefreshTokenGrant,
    ResourceOwnerPasswordCredentialsGrant,
    TokenEndpoint,
)

from applications.models import Application
from awx_oauth import context
from awx_oauth.accounts.models import User
from tokens import digests, services
from tokens.models import Grant, RefreshToken
from tokens.validator import Validator

Found = Grant | RefreshToken | User | None


class CodeGrant(AuthorizationCodeGrant):
    """The library's, which says to the log alone that PKCE failed."""

    def validate_code_challenge(self, challenge: str, challenge_method: str, verifier: str) -> bool:
        """RFC 7636 §4.6."""
        fits: bool = super().validate_code_challenge(challenge, challenge_method, verifier)
        if not fits:
            context.because("The code_verifier does not belong to the code_challenge of the authorization request.")
        return fits


class Server(TokenEndpoint):
    """The grants of the token endpoint; the library's settings build it (``OAUTH2_SERVER_CLASS``).

    Only what we offer is here: a grant type that is not in the mapping does not exist.
    """

    def __init__(self, request_validator: Validator, *, token_expires_in: int, **unused: Any) -> None:
        bearer = BearerToken(request_validator, _generate, expires_in=token_expires_in)
        grants = {
            "authorization_code": CodeGrant(request_validator),
            "password": ResourceOwnerPasswordCredentialsGrant(request_validator),
            "client_credentials": ClientCredentialsGrant(request_validator),
            "refresh_token": RefreshTokenGrant(request_validator),
            "urn:ietf:params:oauth:grant-type:device_code": DeviceCodeGrant(request_validator),
        }
        super().__init__(default_grant_type="", default_token_type=bearer, grant_types=grants)

    def respond(self, parameters: dict[str, str], client: Application, found: Found) -> tuple[str, int]:
        """Run the grant that ``parameters`` name for an authenticated ``client``. Returns the JSON body and status.

        ``parameters`` are checked and single-valued; only oauthlib's own names reach its request, which would take any
        other one for an attribute. ``found`` is the code, refresh token or user that they name. Raises
        :class:`~awx_oauth.transactions.LostRaceError` when another request was faster.
        """
        known = {name: value for name, value in parameters.items() if name in _PARAMETERS}
        request = Request("", http_method="POST", body=known)
        request.client = client
        request.client_id = client.client_id
        request.found = found
        request.grant = request.spent = None
        request.scopes = request.scope.split(" ") if request.scope else None
        grant = self.grant_types[parameters["grant_type"]]
        _headers, body, status = grant.create_token_response(request, self.default_token_type)
        if status != HTTPStatus.OK and isinstance(request.grant, Grant):
            services.spend_code(request.grant)
        return body, status


# RFC 6749 §4.1.3, §4.3.2, §4.4.2, §6; RFC 7636 §4.5; RFC 8628 §3.4
_PARAMETERS = frozenset(
    {"grant_type", "code", "redirect_uri", "code_verifier", "scope", "username", "password", "refresh_token"}
    | {"device_code"}
)


def _generate(_request: Request) -> str:
    return digests.generate()
