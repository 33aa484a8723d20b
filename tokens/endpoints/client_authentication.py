"""Who is asking: client authentication, the same at every protocol endpoint (RFC 6749 §2.3, §3.2.1)."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import TypeVar

from django.db.models import Model
from django.http import HttpRequest
from oauthlib.oauth2 import InvalidClientError, InvalidRequestError

from applications.models import Application
from applications.services import verify_secret
from awx_oauth import context, sql
from awx_oauth.throttling import FailureLimit, remote_address
from tokens.endpoints import parameters
from tokens.refusals import shown_beginning

Row = TypeVar("Row", bound=Model)

METHODS = ("client_secret_basic", "client_secret_post", "none")

_CLIENTS = sql.Select(
    lambda client_id: Application.objects.filter(client_id=client_id).only(
        "name", "client_id", "client_secret", "client_type", "authorization_grant_type", "resource_server"
    )
)
_FAILURES = FailureLimit("FAILED_SECRETS_PER_CLIENT_AND_ADDRESS")
_REMEMBERED: dict[str, Application] = {}  # by client_id
_MOST_REMEMBERED = 1000

# The same words whatever was wrong, so that nobody learns which clients exist
_FAILED = "Client authentication failed."


@dataclass(frozen=True)
class Credentials:
    """What a client says of itself; ``secret`` is ``None`` when it sends none."""

    client_id: str
    secret: str | None


def authenticate_client(request: HttpRequest, form: dict[str, str]) -> Application:
    """The client that sends ``request``, proven by its secret, or by name alone if it is public.

    Raises :class:`~oauthlib.oauth2.InvalidRequestError` when it authenticates in two ways at once or names two
    clients, :class:`~oauthlib.oauth2.InvalidClientError` when it is not who it says.
    """
    credentials = _read_credentials(request, form)
    return _prove(credentials, _CLIENTS.first(credentials.client_id))


def remember(client: Application) -> None:
    """Spare a client that acts for itself the query next time: see :func:`recall`."""
    if len(_REMEMBERED) >= _MOST_REMEMBERED:
        _REMEMBERED.clear()
    _REMEMBERED[client.client_id] = client


def recall(request: HttpRequest, form: dict[str, str]) -> Application | None:
    """The client as it was when :func:`remember` was told, if the secret that ``request`` sends was its own then.

    It may have changed or gone since, in another process: what rests on it must hold only if the database says the
    same in the statement that writes it down, and no refusal may rest on it. Raises as :func:`authenticate_client` does
    for what is malformed.
    """
    credentials = _read_credentials(request, form)
    client = _REMEMBERED.get(credentials.client_id)
    if client is None or not verify_secret(client, credentials.secret or ""):
        return None
    context.note(client_id=client.client_id)
    return client


def with_client(query: sql.Select[Row]) -> sql.Pair[Application, Row]:
    """The client and what ``query`` finds, in one statement, for :func:`authenticate_client_and_find`."""
    return sql.Pair(_CLIENTS, query)


def authenticate_client_and_find(
    request: HttpRequest, form: dict[str, str], query: sql.Pair[Application, Row], *values: str
) -> tuple[Application, Row | None]:
    """The client as :func:`authenticate_client` does, and what ``query`` finds for ``values``."""
    credentials = _read_credentials(request, form)
    client, found = query.first(credentials.client_id, *values)
    return _prove(credentials, client), found


def _prove(credentials: Credentials, client: Application | None) -> Application:
    if client is not None:
        context.note(client_id=client.client_id)
    if client is not None and client.is_public:
        if credentials.secret is None:
            return client
    elif verify_secret(client, credentials.secret or "") and client is not None:
        return client
    context.because(_what_is_wrong(credentials, client))
    _FAILURES.check(credentials.client_id, remote_address())
    _FAILURES.note(credentials.client_id, remote_address())
    raise InvalidClientError(_FAILED)


def _what_is_wrong(credentials: Credentials, client: Application | None) -> str:
    if client is None:
        return f"There is no client with the client_id {shown_beginning(credentials.client_id)}."
    if client.is_public:
        return "The client is public and has no secret, but sent one."
    return "The secret is not the client's." if credentials.secret else "The client is confidential and sent no secret."


def authorization(request: HttpRequest) -> str:
    """The ``Authorization`` header, ``""`` without one. Asked of META: ``request.headers`` would read all of them."""
    value: str = request.META.get("HTTP_AUTHORIZATION", "")
    return value


def authorization_scheme(request: HttpRequest) -> str:
    """The lower-case scheme of the ``Authorization`` header (RFC 7235 §2.1), ``""`` without one."""
    return authorization(request).partition(" ")[0].lower()


def _read_credentials(request: HttpRequest, form: dict[str, str]) -> Credentials:
    in_form = Credentials(form["client_id"], form.get("client_secret")) if "client_id" in form else None
    if "HTTP_AUTHORIZATION" in request.META:
        if "client_secret" in form or "client_assertion" in form:
            raise InvalidRequestError("The client must authenticate in one way only.")
        in_header = _read_basic(request)
        if in_form is not None and in_form.client_id != in_header.client_id:
            raise InvalidRequestError("The client_id differs from the authenticated client.")
        return in_header
    if "client_assertion" in form:
        if "client_secret" in form:
            raise InvalidRequestError("The client must authenticate in one way only.")
        raise InvalidClientError("Client assertions are not supported.")
    if in_form is None:
        raise InvalidClientError("No client authentication included.")
    return in_form


def _read_basic(request: HttpRequest) -> Credentials:
    """RFC 7617 §2, with both halves form-encoded as RFC 6749 §2.3.1 asks."""
    if authorization_scheme(request) != "basic":
        raise InvalidClientError("Unsupported client authentication method.")
    encoded = authorization(request).partition(" ")[2].strip()
    try:
        decoded = base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, UnicodeError, ValueError):
        context.because("The Authorization header is not the base64 of UTF-8 text.")
        raise InvalidClientError(_FAILED) from None
    client_id, colon, secret = decoded.partition(":")
    try:
        credentials = Credentials(parameters.decode(client_id), parameters.decode(secret) or None)
    except InvalidRequestError:
        context.because("The client_id or secret in the Authorization header is not form-encoded (RFC 6749 §2.3.1).")
        raise InvalidClientError(_FAILED) from None
    if not colon or not credentials.client_id:
        context.because("The Authorization header has no client_id, or no colon after it.")
        raise InvalidClientError(_FAILED)
    return credentials
