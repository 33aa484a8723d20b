"""``manage.py revoke_oauth2_tokens [--user NAME] [--all]``: end tokens from the command line (AWX)."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from awx_oauth import transactions
from awx_oauth.accounts.models import User
from tokens import revocation
from tokens.models import AccessToken, RefreshToken


class Command(BaseCommand):
    """Revoke access tokens, each with the refresh token it came with; say their ids, where AWX printed the tokens."""

    help = "Revoke the access tokens of one user or of everybody, and with --all refresh tokens left without one."

    def add_arguments(self, parser: CommandParser) -> None:
        """``--user`` and ``--all``."""
        parser.add_argument("--user", help="The name of the user whose tokens end; everybody's without it.")
        parser.add_argument("--all", action="store_true", help="Revoke refresh tokens that have no access token too.")

    def handle(self, *args: Any, **options: Any) -> None:
        """End them one by one, so that nothing else waits for long."""
        owned = {}
        if options["user"]:
            user = User.objects.filter(username=options["user"]).first()
            if user is None:
                raise CommandError("A user with that username does not exist.")
            owned = {"user": user}
        for token in AccessToken.objects.filter(**owned).select_related("application").iterator():
            transactions.run(partial(revocation.revoke_token, token, actor=None))
            self.stdout.write(f"revoked OAuth2AccessToken {token.pk}")
        if options["all"]:
            for refresh_token in RefreshToken.objects.filter(revoked=None, **owned).iterator():
                transactions.run(partial(revocation.revoke_token, refresh_token, actor=None))
                self.stdout.write(f"revoked RefreshToken {refresh_token.pk}")
