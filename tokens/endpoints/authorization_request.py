"""An authorization request, checked in the order that decides who hears of an error (RFC 6749 §4.1.1, §4.1.2.1).

Until client and redirect URI are proven, an error is for the person at the browser, who must not be sent anywhere.
From then on it is for the client, by redirect.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from oauthlib.oauth2 import (
    InvalidRequestError,
    InvalidScopeError,
    OAuth2Error,
    UnauthorizedClientError,
    UnsupportedResponseTypeError,
)
from oauthlib.openid.connect.core.exceptions import RequestNotSupported, RequestURINotSupported

from applications.models import Application
from awx_oauth import context
from tokens import scopes
from tokens.endpoints import parameters
from tokens.refusals import shown, shown_beginning, shown_uri

_CODE_CHALLENGE = re.compile(r"\A[A-Za-z0-9\-._~]{43,128}\Z")  # RFC 7636 §4.2


class UnprovenClientError(Exception):
    """Client or redirect URI is missing, unknown or wrong: a page for the person, never a redirect.

    The message is a translated sentence for the page; ``error`` is the registered code it stands under.
    """

    def __init__(self, message: str, *, error: str = "invalid_request") -> None:
        super().__init__(message)
        self.error = error


@dataclass(frozen=True)
class Target:
    """Where the answer goes, once that is certain."""

    application: Application
    redirect_uri: str
    redirect_uri_given: bool
    state: str | None

    def url(self, answer: dict[str, str], *, issuer: str) -> str:
        """The redirect URI with ``answer``, the client's ``state`` and our ``iss`` (RFC 9207) in its query."""
        if self.state is not None:
            answer = {**answer, "state": self.state}
        joint = "?" if "?" not in self.redirect_uri else "" if self.redirect_uri.endswith(("?", "&")) else "&"
        return self.redirect_uri + joint + urlencode({**answer, "iss": issuer})


@dataclass(frozen=True)
class AuthorizationRequest:
    """What the client asks the resource owner for."""

    scope: tuple[str, ...]
    code_challenge: str
    prompt: frozenset[str]


def find_target(values: dict[str, str], repeated: frozenset[str]) -> Target:
    """Prove client and redirect URI. Raises :class:`UnprovenClientError`."""
    if "client_id" in repeated or "redirect_uri" in repeated:
        raise UnprovenClientError(_("The request names its client or its redirect URI more than once."))
    if "client_id" not in values:
        raise UnprovenClientError(_("The request does not say which application it comes from (client_id)."))
    client_id = values["client_id"]
    application = (
        None  # no database can even look for a control character
        if parameters.has_control_character(client_id)
        else Application.objects.select_related("organization").filter(client_id=client_id).first()
    )
    if application is None:
        context.because(f"There is no client with the client_id {shown_beginning(values['client_id'])}.")
        raise UnprovenClientError(_("No application has this client_id."), error="invalid_client")
    context.note(client_id=application.client_id)
    given, state = values.get("redirect_uri"), values.get("state")
    if state is not None and parameters.has_control_character(state):
        state = None  # it makes the request invalid, and nothing that could be sent back
    registered = application.redirect_uris.split()
    if given is not None:
        if not application.allows_redirect_uri(given):
            context.because(f"The request sent {shown_uri(given)}. Registered: {_listed(registered)}.")
            raise UnprovenClientError(_("The redirect URI is not one that the application has registered."))
        return Target(application, given, redirect_uri_given=True, state=state)
    if len(registered) != 1:
        context.because(f"The request named no redirect URI. Registered: {_listed(registered)}.")
        raise UnprovenClientError(_("The request must name its redirect URI: the application has not just one."))
    return Target(application, registered[0], redirect_uri_given=False, state=state)


def read(target: Target, values: dict[str, str], repeated: frozenset[str]) -> AuthorizationRequest:
    """Check the rest of the request of a proven client. Raises oauthlib's registered errors, to be redirected."""
    if repeated:
        raise InvalidRequestError(f"Repeated parameter: {parameters.printable(min(repeated))}.")
    parameters.check_characters(values)
    _check_response(target.application, values)
    prompt = frozenset(values.get("prompt", "").split())
    if "none" in prompt and len(prompt) > 1:
        raise InvalidRequestError("prompt=none goes with no other value.")
    challenge = _read_code_challenge(target.application, values)
    requested = scopes.parse(values["scope"]) if "scope" in values else scopes.default()
    if not scopes.are_known(requested):
        context.because(f"The request asked for the scope {shown(values['scope'])}.")
        raise InvalidScopeError("Unknown scope.")
    return AuthorizationRequest(requested, challenge, prompt)


def error_parameters(error: OAuth2Error) -> dict[str, str]:
    """What an error response says (RFC 6749 §4.1.2.1)."""
    answer = {"error": str(error.error)}
    if error.description:
        answer["error_description"] = str(error.description)
    return answer


def _check_response(application: Application, values: dict[str, str]) -> None:
    if "request" in values:
        raise RequestNotSupported  # RFC 9101 §6.3: ignoring it would ignore what the client signed
    if "request_uri" in values:
        raise RequestURINotSupported
    if values.get("response_mode", "query") != "query":
        raise InvalidRequestError("The only response_mode is query.")
    if "response_type" not in values:
        raise InvalidRequestError("Missing response_type parameter.")
    if values["response_type"] != "code":
        context.because(f"The request asked for the response_type {shown(values['response_type'])}.")
        raise UnsupportedResponseTypeError
    if application.authorization_grant_type != Application.GrantType.AUTHORIZATION_CODE:
        context.because(f"The client is registered for the grant type {application.authorization_grant_type}.")
        raise UnauthorizedClientError("The client may not use the authorization code grant.")


def _listed(redirect_uris: list[str]) -> str:
    return ", ".join(shown_uri(uri) for uri in redirect_uris) or "none"


def _read_code_challenge(application: Application, values: dict[str, str]) -> str:
    """RFC 7636 §4.3, §4.4.1; S256 only, and no method means plain (RFC 9700 §2.1.1)."""
    challenge = values.get("code_challenge", "")
    if not challenge:
        if application.requires_pkce:
            raise InvalidRequestError("Code challenge required.")
        if "code_challenge_method" in values:
            raise InvalidRequestError("code_challenge_method without code_challenge.")
    elif values.get("code_challenge_method") != "S256":
        raise InvalidRequestError("The only code_challenge_method is S256.")
    elif not _CODE_CHALLENGE.match(challenge):
        raise InvalidRequestError("Malformed code_challenge.")
    return challenge
