"""The cast of the tests, and a driver that speaks OAuth to the service."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import translation

from applications.models import Application
from applications.services import create_application
from awx_oauth import throttling
from awx_oauth.accounts.models import Membership, Organization, User
from settings import limits
from tests import secrets_in_logs
from tests.cast import RESOURCE_SERVER, Cast
from tests.oauth import Driver
from tests.servers import Server, serving
from tests.wire import Client, Person, Wire
from tokens import refusals

PASSWORD = "correct horse"
REDIRECT_URI = "https://client.example/callback"

_LOGGED_BEFORE = pytest.StashKey[int]()


@pytest.fixture(autouse=True)
def _nothing_left_over():
    """A request leaves its language to the thread, and what it counted to the cache."""
    translation.deactivate()
    cache.clear()
    throttling.shared.away_until = 0.0
    refusals.budget.minute = 0


@pytest.fixture(scope="session", autouse=True)
def _watch():
    with secrets_in_logs.watching() as watch:
        yield watch


@pytest.fixture(autouse=True)
def _no_secret_is_logged(_watch):
    yield
    _watch.check()


@pytest.fixture
def organization(db: None) -> Organization:
    return Organization.objects.get_or_create(name="Default")[0]


@pytest.fixture
def alice(organization: Organization) -> User:
    user = User.objects.create_user("alice", "alice@example.com", PASSWORD)
    Membership.objects.create(organization=organization, user=user)
    return user


@pytest.fixture
def bob(db: None) -> User:
    return User.objects.create_user("bob", "bob@example.com", PASSWORD)


@pytest.fixture
def admin(db: None) -> User:
    return User.objects.create_superuser("admin", "admin@example.com", PASSWORD)


@pytest.fixture
def make_application(organization: Organization) -> Callable[..., tuple[Application, str]]:
    """Register a client: a confidential one for the code grant unless told otherwise. Gives it and its secret."""
    made = 0

    def make(**fields: Any) -> tuple[Application, str]:
        nonlocal made
        made += 1
        defaults = {
            "name": f"application {made}",
            "organization": organization,
            "client_type": "confidential",
            "authorization_grant_type": "authorization-code",
        }
        fields = {**defaults, **fields}
        if fields["authorization_grant_type"] == "authorization-code":
            fields.setdefault("redirect_uris", REDIRECT_URI)
        return create_application(**fields)

    return make


@pytest.fixture
def oauth(client, make_application) -> Driver:
    """A confidential client of the code grant, and what it can send."""
    return Driver(client, *make_application())


@pytest.fixture
def driver_for(client, make_application) -> Callable[..., Driver]:
    """The same for a client with other fields."""

    def make(**fields: Any) -> Driver:
        return Driver(client, *make_application(**fields))

    return make


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A started service with three workers and a database of its own, one for the whole run.

    Nothing limits failures: to the service, all tests together are one address that fails a lot.
    """
    unlimited = dict.fromkeys(limits.__all__, "0") | {"FAILURE_WINDOW_SECONDS": ""}
    kept = dict.fromkeys(("REFUSALS_KEPT_PER_MINUTE", "REFUSALS_KEPT_PER_MINUTE_AND_ADDRESS"), "1000000")
    with serving(**unlimited, **kept) as started:
        yield started


@pytest.fixture(scope="session")
def cast(server: Server) -> Cast:
    """The users and clients of the started service."""
    return Cast(server)


@pytest.fixture(scope="session")
def visitor(cast: Cast) -> Person:
    """A user of the started service, at a browser."""
    return cast.user()


@pytest.fixture(scope="session")
def resource_server(cast: Cast) -> Client:
    """A client of the started service that may introspect every client's tokens."""
    return cast.client(**RESOURCE_SERVER)


@pytest.fixture
def wire(server: Server) -> Iterator[Wire]:
    """An open connection to the started service."""
    with Wire(server) as connection:
        yield connection


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    """Show with a failure what the started server logged meanwhile."""
    report = yield
    for started in [value for value in getattr(item, "funcargs", {}).values() if isinstance(value, Server)]:
        if call.when == "setup":
            item.stash[_LOGGED_BEFORE] = started.log_path.stat().st_size
        elif report.failed and started.log_path.exists():  # it stops after the last test
            lines = started.log(since=item.stash.get(_LOGGED_BEFORE, 0)).splitlines()
            faults = [line for line in lines if " INFO awx_oauth.request " not in line]
            report.sections.append(("Server log", "\n".join(faults)))
    return report
