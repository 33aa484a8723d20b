"""The rules that every protocol request meets before any OAuth logic runs, and the one shape of every answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import View
from oauthlib.oauth2 import InvalidRequestError, OAuth2Error

from awx_oauth import context
from tokens.endpoints import parameters

# What must not travel in the query of a POST endpoint (RFC 6749 §2.3.1, §3.2; RFC 7009 §2.1; RFC 7662 §2.1)
_BODY_ONLY = frozenset(
    {"client_id", "client_secret", "client_assertion", "client_assertion_type", "grant_type", "code", "code_verifier"}
    | {"redirect_uri", "scope", "username", "password", "refresh_token", "token", "token_type_hint", "device_code"}
    | {"access_token"}
)


class ProtocolEndpoint(View):
    """A form-encoded POST endpoint that answers in JSON.

    A subclass implements :meth:`respond` and raises oauthlib's errors; nothing else on the way out is its business.
    """

    http_method_names = ("post",)

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Callable[..., HttpResponseBase]:
        """The view, exempt from CSRF checks: no cookie counts here, so there is none to forge with."""
        return csrf_exempt(super().as_view(**initkwargs))

    def respond(self, request: HttpRequest, form: dict[str, str]) -> HttpResponse:
        """Answer a well-formed request whose body says ``form``."""
        raise NotImplementedError

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Let a well-formed request through; turn every refusal into its registered error."""
        if request.method != "POST":
            return self.http_method_not_allowed(request)
        try:
            return self.respond(request, read_form(request))
        except OAuth2Error as error:
            return error_response(error)

    def http_method_not_allowed(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """405 in JSON: who gets the method wrong still reads a registered error (RFC 6749 §3.2)."""
        response = error_response(InvalidRequestError("Use POST."), status=405)
        response["Allow"] = "POST"
        return response


def read_form(request: HttpRequest) -> dict[str, str]:
    """The single-valued parameters of the body.

    Raises :class:`~oauthlib.oauth2.InvalidRequestError` for another content type, a body over 64 KiB, a malformed or
    repeated parameter, and for protocol parameters in the query string.
    """
    # A client that authenticates by header may have nothing to say (RFC 8628 §3.1), and says so in no type
    is_empty = not request.content_type and request.META.get("CONTENT_LENGTH") in {None, "", "0"}
    charset = (request.content_params or {}).get("charset", "utf-8")
    if not is_empty and (not is_form(request) or charset.lower() != "utf-8"):
        raise InvalidRequestError("The content type must be application/x-www-form-urlencoded.")
    in_query = request.META.get("QUERY_STRING", "")
    if in_query and not _BODY_ONLY.isdisjoint(parameters.read(in_query)[0]):
        raise InvalidRequestError("Parameters belong in the request body, not in the URL.")
    form, repeated = parameters.read(_body(request))
    if repeated:
        raise InvalidRequestError(f"Repeated parameter: {parameters.printable(min(repeated))}.")
    return form


def is_form(request: HttpRequest) -> bool:
    """Whether the body says that it is form-encoded (RFC 6749 Appendix B)."""
    return (request.content_type or "").lower() == "application/x-www-form-urlencoded"


def json_response(content: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """``content`` as JSON that nobody stores (RFC 6749 §5.1)."""
    return raw_json_response(json.dumps(content), status=status)


def raw_json_response(body: str, *, status: int) -> HttpResponse:
    """The same for what oauthlib has serialised already."""
    headers = {"Cache-Control": "no-store", "Pragma": "no-cache"}
    return HttpResponse(body.encode(), status=status, content_type="application/json", headers=headers)


def error_response(error: OAuth2Error, *, status: int | None = None) -> HttpResponse:
    """RFC 6749 §5.2: ``{"error": …, "error_description": …}``, with a Basic challenge on every 401."""
    context.refused(str(error.error), str(error.description or ""))
    content = {"error": error.error}
    if error.description:
        content["error_description"] = error.description
    response = json_response(content, status=status or error.status_code)
    if response.status_code == HTTPStatus.UNAUTHORIZED:
        # RFC 7235 §3.1 wants a challenge that the client can meet; Basic is the scheme of these endpoints
        response["WWW-Authenticate"] = 'Basic realm="api", charset="UTF-8"'
    return response


def _body(request: HttpRequest) -> str:
    # Django reads nothing from a chunked body, which has no Content-Length; the server marks where such a body ends
    stream = request.META["wsgi.input"] if request.META.get("wsgi.input_terminated") else request
    try:
        body = stream.read(parameters.MAX_BYTES + 1)
    except Exception:  # a body that breaks off or breaks HTTP: each WSGI server has its own error for it
        raise InvalidRequestError("The request body could not be read.") from None
    if len(body) > parameters.MAX_BYTES:
        raise InvalidRequestError("The request body is too large.")
    return body.decode("latin-1")  # anything but ASCII is refused with the other malformed encodings
