"""The applications app: who may ask for tokens."""

from __future__ import annotations

from django.apps import AppConfig


class ApplicationsConfig(AppConfig):
    """OAuth clients (RFC 6749 §2)."""

    name = "applications"
    verbose_name = "Applications"
