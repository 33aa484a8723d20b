"""The activity app: the audit log."""

from __future__ import annotations

from django.apps import AppConfig


class ActivityConfig(AppConfig):
    """One entry for each thing that happened to an account, a client or a token."""

    name = "awx_oauth.activity"
    verbose_name = "Activity"

    def ready(self) -> None:
        """Declare who may read it."""
        from awx_oauth.activity import permissions  # noqa: F401 - it declares its rule
