"""The tokens app: what was granted, and the protocol that grants it."""

from __future__ import annotations

from django.apps import AppConfig


class TokensConfig(AppConfig):
    """Authorization codes, tokens and the endpoints under ``/api/o/``."""

    name = "tokens"
    verbose_name = "Tokens"

    def ready(self) -> None:
        """Listen to the floors below and to django-cors-headers, and register the checks."""
        from tokens import checks, cors, receivers  # noqa: F401 - each connects or registers what it has
