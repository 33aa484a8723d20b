"""What a caller sees when no view could answer: OAuth's JSON, DRF's JSON or a page, by who is asking.

These are Django's error handlers, so they cover views, DRF and middleware alike. No text here tells of the inside;
the log has that, under the request id.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import DatabaseError, InterfaceError, InternalError, OperationalError, connection
from django.http import HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from awx_oauth import context, paths
from awx_oauth.throttling import TooManyFailuresError

if TYPE_CHECKING:
    from django.http import HttpRequest

_RETRY_SECONDS = 5
_READ_ONLY_TRANSACTION = "25006"  # PostgreSQL's SQLSTATE


@dataclass(frozen=True, slots=True)
class Problem:
    """One error in the words of each audience."""

    status: HTTPStatus
    error: str  # RFC 6749's code
    detail: str  # for programs: error_description, DRF's detail
    title: str  # for people
    message: str  # what happened
    remedy: str  # who can mend it, and how


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: what Django refused before a view saw it."""
    context.because(f"Django refused the request: {type(exception).__name__}.")
    if isinstance(exception, RequestDataTooBig):
        detail = "The request body is too large."
    elif isinstance(exception, TooManyFieldsSent | TooManyFilesSent):
        detail = "The request has too many fields."
    else:
        detail = "The request is malformed."
    return _answer(
        request,
        Problem(
            HTTPStatus.BAD_REQUEST,
            "invalid_request",
            detail,
            _("Bad request"),
            _("The server could not understand what your browser sent."),
            _("Go back and try again. If it happens again, tell the people who run this service."),
        ),
    )


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """403."""
    return _answer(
        request,
        Problem(
            HTTPStatus.FORBIDDEN,
            "access_denied",
            "You do not have permission to perform this action.",
            _("Not allowed"),
            _("You do not have permission to see this page."),
            _("Sign out and in again with another account, or ask the people who run this service."),
        ),
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: a form came without the token that proves it is ours."""
    context.because(f"Django refused the form: {reason}")
    return _answer(
        request,
        Problem(
            HTTPStatus.FORBIDDEN,
            "invalid_request",
            "CSRF verification failed.",
            _("This form has expired"),
            _("The page was open for too long, or your browser does not accept its cookies."),
            _("Go back, reload the page and send the form again."),
        ),
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """404."""
    return _answer(
        request,
        Problem(
            HTTPStatus.NOT_FOUND,
            "invalid_request",
            "Not found.",
            _("Page not found"),
            _("There is nothing at this address."),
            _("Check the address. If an application or a page led you here, tell its developer."),
        ),
    )


def too_many_failures(request: HttpRequest, error: TooManyFailuresError) -> HttpResponse:
    """429 with ``Retry-After`` (RFC 6585 §4)."""
    where = context.current()
    failed = where.reason if where else ""
    context.because(f"{failed} The limit {error.limit} is reached.".strip())
    response = _answer(
        request,
        Problem(
            HTTPStatus.TOO_MANY_REQUESTS,
            "temporarily_unavailable",
            f"Too many failed attempts. Try again in {error.retry_after} seconds.",
            _("Too many attempts"),
            _("Too many attempts have failed."),
            _("Wait a few minutes, then try again."),
        ),
    )
    response.headers["Retry-After"] = str(error.retry_after)
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """503 with ``Retry-After`` when the database is what failed, else 500."""
    if _database_is_away(sys.exc_info()[1]):
        response = _answer(
            request,
            Problem(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "temporarily_unavailable",
                "The service is temporarily unavailable. Try again in a few seconds.",
                _("Back in a moment"),
                _("The service is temporarily unavailable."),
                _("Try again in a few seconds. There is nothing to change in your account."),
            ),
        )
        response.headers["Retry-After"] = str(_RETRY_SECONDS)
        return response
    return _answer(
        request,
        Problem(
            HTTPStatus.INTERNAL_SERVER_ERROR,
            "server_error",
            "The server met an unexpected condition.",
            _("Something went wrong"),
            _("The fault is ours and has been noted."),
            _("Try again later. If it happens again, tell the people who run this service."),
        ),
    )


def _database_is_away(error: BaseException | None) -> bool:
    if type(error) is DatabaseError:
        # libpq lost the connection: whatever PostgreSQL itself reports has a code, and a class of its own
        return getattr(error.__cause__, "pgcode", "") is None
    if isinstance(error, InternalError):
        # A primary that became a standby answers reads and refuses writes; a new connection finds the new primary.
        if getattr(error.__cause__, "pgcode", None) != _READ_ONLY_TRANSACTION:
            return False
        if not connection.in_atomic_block:
            connection.close()
        return True
    return isinstance(error, OperationalError | InterfaceError)


def _answer(request: HttpRequest, problem: Problem) -> HttpResponse:
    path = request.path_info
    if path.startswith(paths.OAUTH):
        context.refused(problem.error, problem.detail)
    if paths.is_page(path) and request.accepts("text/html"):
        return _page(problem)
    if path.startswith(paths.OAUTH):
        # RFC 6749 §5.1, §5.2
        return JsonResponse(
            {"error": problem.error, "error_description": problem.detail},
            status=problem.status,
            headers={"Cache-Control": "no-store", "Pragma": "no-cache"},
        )
    return JsonResponse({"detail": problem.detail}, status=problem.status)


def _page(problem: Problem) -> HttpResponse:
    request = context.current()
    # Without the request: context processors would ask the session for the user, and the database may be away
    html = render_to_string(
        "error.html",
        {
            "status": int(problem.status),
            "title": problem.title,
            "message": problem.message,
            "remedy": problem.remedy,
            "request_id": request.request_id if request else None,
        },
    )
    return HttpResponse(html, status=problem.status, headers={"Cache-Control": "no-store"})
