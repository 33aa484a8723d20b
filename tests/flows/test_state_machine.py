"""Authorize, redeem, refresh, revoke, deactivate, change the password, delete: in any order, against a simple model.

After each step everything that the model holds alive is accepted, and nothing else is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from typing import Any, ClassVar

import pytest
from django.test import Client
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, multiple, rule, run_state_machine_as_test

from applications.services import create_application, delete_application
from awx_oauth.accounts.models import Organization, User
from tests.conftest import REDIRECT_URI
from tests.flows.answers import inactive, issued, refused, sent_back
from tests.oauth import Driver

_numbers = count(1)
_EITHER = st.integers(0, 1)
_OWNER_OR_OTHER = st.sampled_from([True, True, True, False])
_RARELY = st.integers(0, 9).map(lambda number: number == 9)


@dataclass
class Family:
    """What came, or may come, from one authorization."""

    owner: Driver
    user: User
    code: str
    is_code_spent: bool = False
    is_ended: bool = False
    access_token: str = ""
    refresh_token: str = ""
    spent: list[str] = field(default_factory=list)

    def take(self, tokens: dict[str, Any]) -> None:
        """Remember the newest pair."""
        self.spent += [value for value in (self.access_token, self.refresh_token) if value]
        self.access_token, self.refresh_token = tokens["access_token"], tokens["refresh_token"]


@dataclass(frozen=True)
class Held:
    """One refresh token of a family, which is or was its newest."""

    family: Family
    value: str


class Lives(RuleBasedStateMachine):
    """Two clients and two people."""

    families = Bundle("families")
    refresh_tokens = Bundle("refresh_tokens")
    http: ClassVar[Client]
    organization: ClassVar[Organization]

    def __init__(self) -> None:
        super().__init__()
        self.clients = [self._client(), self._client()]
        self.watcher = self._client(resource_server=True)
        self.users = [User.objects.create_user(f"user {next(_numbers)}", password="x") for _ in range(2)]
        self.deleted: list[Driver] = []
        self.known: list[Family] = []

    def _client(self, **fields: Any) -> Driver:
        name = f"client {next(_numbers)}"
        application, secret = create_application(
            name=name,
            organization=self.organization,
            client_type="confidential",
            authorization_grant_type="authorization-code",
            redirect_uris=REDIRECT_URI,
            skip_authorization=True,
            **fields,
        )
        return Driver(self.http, application, secret)

    def _sender(self, family: Family, *, by_owner: bool) -> Driver:
        other = next(client for client in self.clients if client is not family.owner)
        return family.owner if by_owner else other

    def _is_answered(self, client: Driver, response: Any) -> bool:
        if client in self.deleted:
            refused(response, "invalid_client", status=401)
            return False
        return True

    @rule(target=families, which=_EITHER, who=_EITHER)
    def authorize(self, which: int, who: int) -> Any:
        client, user = self.clients[which], self.users[who]
        self.http.force_login(user)
        response = client.authorize()
        self.http.logout()
        if client in self.deleted:
            assert response.status_code == 400
        elif not user.is_active:
            assert response["Location"].startswith("/api/login/?")
        else:
            family = Family(client, user, sent_back(response)["code"])
            self.known.append(family)
            return family
        return multiple()

    @rule(target=refresh_tokens, family=families, by_owner=_OWNER_OR_OTHER)
    def redeem(self, *, family: Family, by_owner: bool) -> Any:
        client = self._sender(family, by_owner=by_owner)
        response = client.token(grant_type="authorization_code", code=family.code)
        if not self._is_answered(client, response):
            return multiple()
        if by_owner and not family.is_code_spent and family.user.is_active:
            family.is_code_spent = True
            family.take(issued(response))
            return Held(family, family.refresh_token)
        refused(response, "invalid_grant")
        if by_owner:
            family.is_ended = family.is_ended or family.is_code_spent
            family.is_code_spent = True
        return multiple()

    @rule(target=refresh_tokens, held=refresh_tokens, by_owner=_OWNER_OR_OTHER)
    def refresh(self, *, held: Held, by_owner: bool) -> Any:
        family = held.family
        client = self._sender(family, by_owner=by_owner)
        response = client.token(grant_type="refresh_token", refresh_token=held.value)
        if not self._is_answered(client, response):
            return multiple()
        is_newest = held.value == family.refresh_token and not family.is_ended
        if by_owner and is_newest and family.user.is_active:
            family.take(issued(response))
            return Held(family, family.refresh_token)
        refused(response, "invalid_grant")
        if by_owner and not is_newest:
            family.is_ended = True
        return multiple()

    @rule(held=refresh_tokens, by_owner=_OWNER_OR_OTHER, kind=st.sampled_from(["refresh", "access"]))
    def revoke(self, *, held: Held, by_owner: bool, kind: str) -> None:
        client = self._sender(held.family, by_owner=by_owner)
        response = client.revoke(held.value if kind == "refresh" else held.family.access_token)
        if self._is_answered(client, response):
            assert response.json() == {}
            held.family.is_ended = held.family.is_ended or by_owner

    @rule(who=_EITHER)
    def deactivate_or_reactivate(self, who: int) -> None:
        self.users[who].is_active = not self.users[who].is_active
        self.users[who].save()

    @rule(who=_EITHER)
    def change_password(self, who: int) -> None:
        self.users[who].set_password("y")
        self.users[who].save()
        for family in self.known:
            if family.user is self.users[who]:
                family.is_code_spent = family.is_ended = True

    @rule(which=_EITHER, sure=_RARELY)
    def delete(self, *, which: int, sure: bool) -> None:
        client = self.clients[which]
        if sure and client not in self.deleted:
            delete_application(client.application)
            self.deleted.append(client)

    @invariant()
    def only_what_is_alive_is_accepted(self) -> None:
        for family in self.known:
            is_alive = not family.is_ended and family.user.is_active and family.owner not in self.deleted
            for token in (family.access_token, family.refresh_token):
                assert not token or inactive(self.watcher.introspect(token)) != is_alive
            assert all(inactive(self.watcher.introspect(token)) for token in family.spent[-2:])


@pytest.mark.rfc("6749", "10")
@pytest.mark.rfc("9700", "4")
@pytest.mark.django_db
def test_nothing_dead_is_accepted_and_everything_alive_is_in_whatever_order_things_happen(client, organization):
    Lives.http, Lives.organization = client, organization
    run_state_machine_as_test(
        Lives,
        settings=settings(
            max_examples=20, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
