"""What a token lets its bearer do at the REST API, before anyone asks whose object it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import SAFE_METHODS, IsAuthenticated
from rest_framework.request import Request

from tokens import scopes
from tokens.authentication import challenge
from tokens.models import AccessToken

if TYPE_CHECKING:
    from rest_framework.views import APIView  # it imports this module


class InsufficientScopeError(PermissionDenied):
    """A valid token that does not reach as far as the request (RFC 6750 §3.1)."""

    def __init__(self) -> None:
        super().__init__()
        self.auth_header = challenge(error="insufficient_scope", scope=scopes.WRITE)


class TokenHasScope(IsAuthenticated):
    """Whoever is logged in may ask; a token needs ``write`` for what changes something.

    Superusers are bound too. Any valid token may read, as in AWX. Sessions and Basic have no scope to lack.
    """

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Raises :class:`InsufficientScopeError` so that the answer carries RFC 6750's challenge."""
        if not super().has_permission(request, view):
            return False
        token = request.auth
        if (
            isinstance(token, AccessToken)
            and request.method not in SAFE_METHODS
            and scopes.WRITE not in scopes.parse(token.scope)
        ):
            raise InsufficientScopeError
        return True
