"""``manage.py create_oauth2_token --user NAME``: a personal access token from the command line (AWX)."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from awx_oauth.accounts.models import User
from tokens import scopes, services


class Command(BaseCommand):
    """Make a token that may write, and print it and nothing else."""

    help = "Create a personal access token with the scope 'write' and print it."

    def add_arguments(self, parser: CommandParser) -> None:
        """``--user``."""
        parser.add_argument("--user", help="The name of the user whom the token stands for.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the token's value, which is shown nowhere else."""
        username = options["user"]
        if not username:
            raise CommandError("Username not supplied. Usage: awx-manage create_oauth2_token --user=username.")
        user = User.objects.filter(username=username).first()
        if user is None:
            raise CommandError("The user does not exist.")
        _token, cleartext = services.issue_personal_token(user=user, scope=scopes.WRITE)
        self.stdout.write(cleartext)
