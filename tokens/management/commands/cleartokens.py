"""``manage.py cleartokens``: the library's name for removing what has ended, without its gaps."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from tokens import cleanup


class Command(BaseCommand):
    """The same as ``cleanup_tokens``, without a word."""

    help = "Delete expired tokens, codes, device codes and sessions. Says nothing; cleanup_tokens does."

    def handle(self, *args: Any, **options: Any) -> None:
        """Delete them."""
        cleanup.clean()
