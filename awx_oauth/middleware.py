"""What happens to every request and response, whichever app answers."""

from __future__ import annotations

import logging
import os
import re
import time
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.middleware import common
from django.middleware.locale import LocaleMiddleware
from django.urls import resolve
from django.utils import translation
from django.utils.functional import SimpleLazyObject

from awx_oauth import context, csp, errors, metrics, paths
from awx_oauth.proxies import TrustedProxies
from awx_oauth.throttling import TooManyFailuresError

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase

    Handler = Callable[[HttpRequest], HttpResponseBase]

logger = logging.getLogger("awx_oauth.request")

_WELL_FORMED_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_OUTCOMES = {1: "ok", 2: "ok", 3: "ok", 4: "refused", 5: "failed"}  # by the status; OAuth's own code says more


class RequestContextMiddleware:
    """Gives the request an id, finds out who sent it, and logs one line about it.

    The id is the one in ``X-Request-ID`` when that is well-formed, and is returned in the same header. The line has
    the path without its query, which may carry codes and states; in JSON it also has the client, the user, and the
    outcome: OAuth's error code with its reason, or ok, refused or failed.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response
        self.proxies = TrustedProxies.listed(settings.TRUSTED_PROXIES)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Serve the request within its context."""
        started = time.perf_counter()
        sent_id = request.META.get("HTTP_X_REQUEST_ID", "")
        request_id = sent_id if _WELL_FORMED_ID.fullmatch(sent_id) else os.urandom(16).hex()
        where = context.RequestContext(request_id, self.proxies.remote_address(request.META))
        with context.serving(where):
            response = self.get_response(request)
            response.headers["X-Request-ID"] = request_id
            seconds = time.perf_counter() - started
            metrics.observe(request, response.status_code, seconds)
            _log(request, response, where, seconds)
        return response


def _log(request: HttpRequest, response: HttpResponseBase, where: context.RequestContext, seconds: float) -> None:
    facts = {
        "method": request.method,
        "path": quote(request.path),  # quoted: a line break in a path must not begin a line in the log
        "status": response.status_code,
        "duration_ms": round(seconds * 1000, 1),
        "remote_address": where.remote_address,
        "client_id": where.client_id or None,
        "user_id": where.user_id or _user_id(request),
        "outcome": where.error or _OUTCOMES[response.status_code // 100],
        "reason": where.reason if where.error else None,
    }
    level = logging.DEBUG if request.path_info in paths.HEALTH else logging.INFO
    logger.log(level, "%(method)s %(path)s %(status)s %(duration_ms)s ms", facts, extra={"facts": facts})


def _user_id(request: HttpRequest) -> Any:
    """Whom a session or an ``Authorization`` header stands for, if anything has asked: the log alone does not."""
    user = request.__dict__.get("user")  # from AuthenticationMiddleware, which is lazy, or from DRF, which is not
    if isinstance(user, SimpleLazyObject):
        user = request.__dict__.get("_cached_user")
    return getattr(user, "pk", None)


class ProtocolMiddleware:
    """Ends the chain early for the protocol's endpoints, which most requests are for.

    What comes after it serves people: cookies, sessions, languages, redirects, messages. Looking for none of them
    halves what Django costs such a request.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Call the endpoint itself, or pass the request on."""
        if request.path_info not in paths.PROTOCOL:
            return self.get_response(request)
        request.get_host()  # raises DisallowedHost, as CommonMiddleware would
        translation.activate(settings.LANGUAGE_CODE)  # programs read English, whatever this thread spoke before
        request.resolver_match = match = _resolve(request.path_info)
        try:
            response: HttpResponse = match.func(request, *match.args, **match.kwargs)
        except TooManyFailuresError as error:
            response = errors.too_many_failures(request, error)
        response.headers["Content-Length"] = str(len(response.content))
        return response


_resolve = cache(resolve)  # asked for the few paths of paths.PROTOCOL only


class LanguageMiddleware(LocaleMiddleware):
    """Speaks the language that a person's browser asks for. Programs read English, whoever they run for."""

    def process_request(self, request: HttpRequest) -> None:
        """Choose the language before anything is said."""
        if paths.is_page(request.path_info) or "text/html" in request.headers.get("Accept", ""):
            super().process_request(request)
        else:
            translation.activate(settings.LANGUAGE_CODE)


class SecurityHeadersMiddleware:
    """Sets the headers that Django's own SecurityMiddleware does not know. A header that a view has set stays."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Add the headers to the response."""
        response = self.get_response(request)
        response.headers.setdefault(
            "Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
        )
        if response.headers.get("Content-Type", "").startswith("text/html"):
            response.headers.setdefault("Content-Security-Policy", _policy_for(request.path_info))
        return response


def _policy_for(path: str) -> str:
    if path.startswith(paths.ADMIN):
        return csp.policy(connect_src="'self'")  # autocomplete fields fetch their choices
    if not paths.is_page(path):
        # DRF's browsable API sends its forms with XMLHttpRequest and has style attributes in its templates
        return csp.policy(connect_src="'self'", style_src="'self' 'unsafe-inline'")
    return csp.policy()


class TooManyFailuresMiddleware:
    """Answers 429 where a view, the REST API or Django admin would check a password once too often."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Serve the request."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        """Turn that one exception into its answer; Django goes on with any other."""
        if isinstance(exception, TooManyFailuresError):
            return errors.too_many_failures(request, exception)
        return None


class CommonMiddleware(common.CommonMiddleware):
    """Django's, which adds a missing slash by redirect, but only where a client keeps its method.

    A client turns a redirected POST into a GET and loses its body; 404 tells it what is wrong. Clients of several AWX
    generations also try addresses that we do not have, and go on only when they hear 404.
    """

    def should_redirect_with_slash(self, request: HttpRequest) -> bool:
        """For GET and HEAD."""
        return request.method in {"GET", "HEAD"} and super().should_redirect_with_slash(request)


class BodyLimitMiddleware:
    """Refuses a body over ``DATA_UPLOAD_MAX_MEMORY_SIZE`` bytes before anything reads it.

    Django applies that limit to forms only, and DRF reads JSON without one. A body without a length cannot pass:
    Django takes it as empty.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Raise RequestDataTooBig, answered as 400, or serve the request."""
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdecimal() and int(length) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise RequestDataTooBig
        return self.get_response(request)
