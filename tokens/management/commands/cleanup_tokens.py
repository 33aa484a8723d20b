"""``manage.py cleanup_tokens``: AWX's name for removing what has ended."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from tokens import cleanup
from tokens.models import AccessToken, RefreshToken


class Command(BaseCommand):
    """Delete expired tokens, codes, device codes and sessions, old refusals and old activity; requests go on."""

    help = (
        "Delete expired tokens, codes, device codes and sessions, refusals older than REFUSAL_RETENTION_DAYS, "
        "and activity older than ACTIVITY_RETENTION_DAYS."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Say how many tokens went, as AWX does: on standard error."""
        verbosity: int = options["verbosity"]

        def progress(model: Any, number: int) -> None:
            if verbosity > 1:
                self.stderr.write(f"{number} {model._meta.verbose_name_plural} deleted")

        deleted = cleanup.clean(progress)
        if verbosity > 0:
            self.stderr.write(f"Expired OAuth 2 Access Tokens deleted: {deleted[AccessToken]}")
            self.stderr.write(f"Expired OAuth 2 Refresh Tokens deleted: {deleted[RefreshToken]}")
