"""``manage.py expire_sessions [--user NAME]``: log people out from the command line (AWX)."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from awx_oauth.accounts.models import User


class Command(BaseCommand):
    """End the sessions of one user, or everybody's, without a word."""

    help = "Log out one user, or everybody."

    def add_arguments(self, parser: CommandParser) -> None:
        """``--user``."""
        parser.add_argument("--user", help="The name of the user to log out; everybody without it.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Delete the sessions."""
        if not options["user"]:
            Session.objects.all().delete()
            return
        user = User.objects.filter(username=options["user"]).first()
        if user is None:
            raise CommandError("The user does not exist.")
        # A session says whose it is only inside
        for session in Session.objects.filter(expire_date__gt=timezone.now()).iterator():
            if session.get_decoded().get(SESSION_KEY) == str(user.pk):
                session.delete()
