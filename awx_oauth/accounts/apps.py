"""The accounts app: who exists (users) and whom they work for (organizations)."""

from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Users, organizations and memberships."""

    name = "awx_oauth.accounts"
    verbose_name = "Accounts"

    def ready(self) -> None:
        """Listen to logins."""
        from awx_oauth.accounts import logins  # noqa: F401 - it connects its receivers
