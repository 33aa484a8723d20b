"""Authentication by user name and password in a header, which AWX's clients use to get their first token."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework import authentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request


class BasicAuthentication(authentication.BasicAuthentication):
    """HTTP Basic (RFC 7617), unless ``AUTH_BASIC_ENABLED`` is off: then as if nothing was sent (AWX)."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        """The user that the header names. Raises :class:`AuthenticationFailed` for wrong credentials."""
        return super().authenticate(request) if settings.AUTH_BASIC_ENABLED else None

    def authenticate_credentials(self, userid: str, password: str, request: Request | None = None) -> tuple[Any, Any]:
        """Check the password. Raises :class:`AuthenticationFailed`."""
        if "\0" in userid:  # PostgreSQL cannot even look for it
            raise AuthenticationFailed(_("Invalid username/password."))
        return super().authenticate_credentials(userid, password, request)
