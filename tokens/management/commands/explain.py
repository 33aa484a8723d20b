"""``manage.py explain REQUEST-ID``: why a request to a protocol endpoint was refused."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from tokens.models import Refusal

_SHOWN = 20  # a caller may send the same X-Request-ID any number of times


class Command(BaseCommand):
    """Print the reason that the caller was not told."""

    help = "Say why a request to an OAuth endpoint was refused. The answer's X-Request-ID header has the request ID."

    def add_arguments(self, parser: CommandParser) -> None:
        """The request ID."""
        parser.add_argument("request_id", metavar="REQUEST-ID")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print each refusal under the ID, oldest first. Raises CommandError without one."""
        found = list(Refusal.objects.filter(request_id=options["request_id"]).order_by("-id")[:_SHOWN])
        if not found:
            raise CommandError(
                f"No refused request is kept under this ID. They are kept for {settings.REFUSAL_RETENTION_DAYS} days, "
                f"up to {settings.REFUSALS_KEPT_PER_MINUTE_AND_ADDRESS} a minute from one address; "
                "the log has the reason, too."
            )
        for refusal in reversed(found):
            self.stdout.write(
                f"{refusal.timestamp:%Y-%m-%d %H:%M:%S} UTC  {refusal.endpoint}  {refusal.error} ({refusal.status})\n"
                f"  client: {refusal.client_id or 'none that exists'}\n"
                f"  from:   {refusal.remote_address or 'unknown'}\n"
                f"  reason: {refusal.reason}"
            )
