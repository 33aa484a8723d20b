"""Who we say we are (RFC 8414 §2, RFC 9207 §2)."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def issuer(request: HttpRequest) -> str:
    """The issuer identifier: ``OAUTH2_ISSUER``, which production requires, or the address that was asked."""
    configured: str = settings.OAUTH2_ISSUER
    return configured or f"{request.scheme}://{request.get_host()}"
