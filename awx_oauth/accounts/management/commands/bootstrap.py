"""``manage.py bootstrap``: brings a database, new or old, to where the service can start."""

from __future__ import annotations

import fcntl
import os
import secrets
import sys
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.db.utils import OperationalError

from awx_oauth.accounts.models import Organization, User
from awx_oauth.activity.models import Event
from awx_oauth.activity.services import record
from settings import env

if TYPE_CHECKING:
    from collections.abc import Iterator

ORGANIZATION = "Default"
_LOCK_NOT_AVAILABLE = "55P03"  # PostgreSQL's code
_LOCK = 0x61777830  # an arbitrary number that only this command locks


class Command(BaseCommand):
    """Migrates, and creates the organization "Default" and the first admin where they are missing.

    Running it again changes nothing, and two that run at once take turns.
    """

    help = (
        'Apply migrations, create the cache table, the organization "Default" and the first admin '
        "(DJANGO_SUPERUSER_USERNAME, _PASSWORD and _EMAIL, or 'admin' with a generated password)."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Do each step and say so."""
        with _alone():
            self._say("Applying migrations")
            with _not_holding_others_up():
                call_command("migrate", interactive=False, verbosity=0)
            call_command("createcachetable", verbosity=0)
            password = self._create_what_is_missing()
        self._say_what_is_next(password)

    def _say(self, text: str) -> None:
        self.stdout.write(f"==> {text}")

    @transaction.atomic
    def _create_what_is_missing(self) -> str | None:
        """Return the password that was generated for the first admin, if one was."""
        organization, created = Organization.objects.get_or_create(name=ORGANIZATION)
        if created:
            record(Event.ORGANIZATION_CREATED, target=organization, changes={"name": organization.name})
            self._say(f'Created the organization "{organization}"')
        if User.objects.filter(is_superuser=True).exists():
            return None
        given = env.string("DJANGO_SUPERUSER_PASSWORD")
        password = given or secrets.token_urlsafe(16)
        user = _create_admin(password)
        self._say(f'Created the admin "{user}"')
        return None if given else password

    def _say_what_is_next(self, password: str | None) -> None:
        address = settings.OAUTH2_ISSUER or f"http://{env.string('HOST', '127.0.0.1')}:{env.integer('PORT', 8013)}"
        self.stdout.write("")
        if password:
            self.stdout.write(f"    Admin password, shown this once: {password}")
        self.stdout.write(f"    Service      {address}/api/o/")
        self.stdout.write(f"    Admin pages  {address}/admin/")
        self.stdout.write("    Next, register a client and get a token for it:")
        given = [name for name in ("DATABASE_URL", "HOST", "PORT") if env.string(name)]
        if given:
            self.stdout.write(f"    (with {', '.join(given)} in the environment as here)")
        self.stdout.write(
            f"      {_python()} manage.py createapplication confidential client-credentials --name 'My first client'"
        )
        self.stdout.write(
            f"      curl -u CLIENT_ID:CLIENT_SECRET -d grant_type=client_credentials {address}/api/o/token/"
        )
        self.stdout.write("")


def _connect() -> None:
    """Open the connection that the other steps use, or end with one line that says why it cannot be had."""
    try:
        connection.ensure_connection()
    except OperationalError as error:
        raise _no_connection(str(error).strip().splitlines()[-1].strip()) from error


def _no_connection(reason: str) -> CommandError:
    where = connection.settings_dict
    place = f"{where['HOST']}:{where['PORT'] or 5432}/{where['NAME']}" if where["HOST"] else where["NAME"]
    return CommandError(f"Cannot connect to the database {place}: {reason}. Check DATABASE_URL.")


@contextmanager
def _alone() -> Iterator[None]:
    """Connect, wait until no other process runs this command on the same database, and hold others off meanwhile."""
    if connection.vendor == "postgresql":
        _connect()
        # By a transaction that lasts, on a connection of its own: PgBouncer may give the next one another session
        with closing(connection.copy()) as own:
            own.set_autocommit(False)
            with own.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
            yield
        return
    try:
        directory = os.open(Path(connection.settings_dict["NAME"]).absolute().parent, os.O_RDONLY)
    except OSError as error:
        raise _no_connection(f"{error.strerror}") from error
    try:
        fcntl.flock(directory, fcntl.LOCK_EX)
        _connect()  # only now: of two that open a new file at once, SQLite turns one away
        yield
    finally:
        os.close(directory)


@contextmanager
def _not_holding_others_up() -> Iterator[None]:
    """Wait for a lock on a table for five seconds and no longer: everybody else who wants the table waits behind it.

    A transaction that goes on for long, such as a backup's, would otherwise stop the version that is serving meanwhile.
    """
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '5s'")
    try:
        yield
    except OperationalError as error:
        if getattr(error.__cause__, "pgcode", None) != _LOCK_NOT_AVAILABLE:
            raise
        raise CommandError(
            "A migration needs a table that another transaction has been holding for five seconds, perhaps a backup's. "
            "Run this again once it is over."
        ) from error
    finally:
        with suppress(OperationalError), connection.cursor() as cursor:
            cursor.execute("RESET lock_timeout")


def _create_admin(password: str) -> User:
    user = User(
        username=env.string("DJANGO_SUPERUSER_USERNAME", "admin"),
        email=env.string("DJANGO_SUPERUSER_EMAIL"),
        is_staff=True,
        is_superuser=True,
    )
    user.set_password(password)
    try:
        user.full_clean()
    except ValidationError as error:
        raise CommandError(f"Cannot create the admin {user.username!r}: {' '.join(error.messages)}") from error
    user.save()
    record(Event.USER_CREATED, target=user, changes={"username": user.username, "is_superuser": True})
    return user


def _python() -> str:
    """How a person here types this Python: relative where it is a virtual environment in the checkout."""
    python = Path(sys.executable)
    with suppress(ValueError):
        return str(python.relative_to(Path.cwd()))
    return "python"
