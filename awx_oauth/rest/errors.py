"""What a REST view answers when it cannot do what it was asked: AWX's sentences and keys."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import FieldError, ObjectDoesNotExist
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import DataError, IntegrityError
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import exception_handler

_CONTENT_TYPE = (
    "You did not use correct Content-Type in your HTTP request. If you are using our REST API, "
    "the Content-Type must be application/json"
)


def handle(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """DRF's exception handler: ``None`` for what is our own fault, which Django then reports as 5xx."""
    response = exception_handler(_translate(error), dict(context))
    if response is not None and response.status_code == HTTPStatus.UNAUTHORIZED and "detail" in response.data:
        # AWX compatibility: every 401 ends so
        response.data["detail"] += _(" To establish a login session, visit") + " /api/login/."
    return response


def _translate(error: Exception) -> Exception:
    """The same error as one of DRF's, where it was the caller's."""
    if isinstance(error, DjangoValidationError):
        keyed = hasattr(error, "error_dict")
        return exceptions.ValidationError(
            error.message_dict if keyed else {api_settings.NON_FIELD_ERRORS_KEY: error.messages}
        )
    if isinstance(error, exceptions.ValidationError) and isinstance(error.detail, list):
        return exceptions.ParseError(error.detail[0])  # DRF's search filter speaks of no field
    if isinstance(error, IntegrityError):  # also ProtectedError and RestrictedError; AWX would show the SQL
        return exceptions.ParseError(_("The change conflicts with what is stored."))
    if isinstance(error, DataError):
        return exceptions.ParseError(_("A value does not fit its field."))
    if isinstance(error, FieldError):
        return exceptions.ParseError(str(error))
    if isinstance(error, Http404 | ObjectDoesNotExist):  # deleted between the look and the change
        return exceptions.NotFound()
    if isinstance(error, exceptions.UnsupportedMediaType):
        error.detail = exceptions.ErrorDetail(_(_CONTENT_TYPE), error.default_code)
    return error
