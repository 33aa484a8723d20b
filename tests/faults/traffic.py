"""Clients that get, use, refresh and revoke tokens without pause, and keep a record of all that they were answered.

What a client knows of its tokens is certain, except after a request whose answer did not come or was 503: that one may
have been carried out or not. :mod:`tests.faults.audit` holds the service to the record.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from http.client import HTTPException
from random import Random
from typing import NamedTuple

from tests.cast import CLIENT_CREDENTIALS, CODE, PASSWORD, PASSWORD_GRANT, REDIRECT_URI, RESOURCE_SERVER, Cast
from tests.oauth import answer_in
from tests.servers import Server
from tests.wire import Answer, Client, Person, Wire

_PAUSE = 0.05  # seconds before a client tries again


class State(Enum):
    """What a client knows of its tokens."""

    LIVE = "live"
    ENDED = "ended"
    IN_DOUBT = "in doubt"  # all of them live, or none


@dataclass
class Held:
    """What a client got by one authorization: the tokens it holds, and those that it held before."""

    client: Client
    access_token: str
    refresh_token: str = ""
    state: State = State.LIVE
    spent: list[str] = field(default_factory=list)

    @property
    def tokens(self) -> list[str]:
        return [token for token in (self.access_token, self.refresh_token) if token]

    def renew(self, answer: Answer) -> None:
        """Take what a refresh has given."""
        self.spent += self.tokens
        given = answer.json()
        self.access_token, self.refresh_token = given["access_token"], given["refresh_token"]
        self.state = State.LIVE


class Trouble(NamedTuple):
    """A request that was answered 503, or not at all."""

    moment: float
    status: int


class Stopped(Exception):  # noqa: N818 - no error
    """The traffic ends."""


class Traffic:
    """Some clients, their record of what they hold, and what went wrong."""

    def __init__(self, server: Server, *, codes: bool = True) -> None:
        self.server = server
        cast = Cast(server)
        self.resource_server = cast.client(**RESOURCE_SERVER)
        self.machine = cast.client(**CLIENT_CREDENTIALS)
        self.password_client = cast.client(**PASSWORD_GRANT)
        self.code_client = cast.client(**CODE)
        self.held: list[Held] = []
        self.answers: Counter[int] = Counter()
        self.troubles: list[Trouble] = []
        self.violations: list[str] = []
        users = [cast.user() for _ in range(3)]
        for user in users:
            user.log_in()
        stories: list[Callable[[Caller], None]] = [
            *(lambda caller, user=user: caller.log_in(user) for user in users),
            *(lambda caller, user=user: caller.redeem(user.cookies()) for user in users if codes),
            Caller.get_machine_token,
            Caller.get_machine_token,
        ]
        self._callers = [Caller(self, story, number) for number, story in enumerate(stories)]
        self.stop = threading.Event()

    @contextmanager
    def running(self, *, seconds: float = 1) -> Iterator[None]:
        """Send for ``seconds`` before the block, during it, and ``seconds`` after it."""
        self.stop.clear()
        with ThreadPoolExecutor(len(self._callers)) as pool:
            running = [pool.submit(caller.run) for caller in self._callers]
            try:
                time.sleep(seconds)
                yield
                time.sleep(seconds)
            finally:
                self.stop.set()
        for each in running:
            each.result()

    def troubles_after(self, moment: float) -> list[Trouble]:
        """What went wrong later than that, by :func:`time.monotonic`."""
        return [trouble for trouble in self.troubles if trouble.moment > moment]


class Caller:
    """One client, in a thread of its own."""

    def __init__(self, traffic: Traffic, story: Callable[[Caller], None], number: int) -> None:
        self.traffic = traffic
        self.story = story
        self.chance = Random(number)
        self.wire = Wire(traffic.server)

    def run(self) -> None:
        """Live the story again and again."""
        try:
            while not self.traffic.stop.is_set():
                self.story(self)
        except Stopped:
            pass
        finally:
            self.wire.http.close()

    # Stories

    def get_machine_token(self) -> None:
        """A token by client credentials, used and at times revoked."""
        client = self.traffic.machine
        answer = self.ask(lambda wire: wire.token(client, grant_type="client_credentials"))
        if answer is not None and self.expect(answer, "client_credentials", 200):
            held = self.keep(client, answer)
            self.introspect(held)
            if self.chance.random() < 0.5:
                self.revoke(held)

    def log_in(self, user: Person) -> None:
        """A family by the password grant."""
        form = {"grant_type": "password", "username": user.username, "password": PASSWORD}
        self.begin_family(self.traffic.password_client, form)

    def redeem(self, cookies: str) -> None:
        """A family by an authorization code."""
        client = self.traffic.code_client
        path = f"/api/o/authorize/?response_type=code&client_id={client.client_id}"
        answer = self.ask(lambda wire: wire.send("GET", path, Cookie=cookies))
        if answer is None or not self.expect(answer, "authorize", 302):
            return
        location = answer.headers["Location"]
        if not location.startswith(REDIRECT_URI):
            self.violation(f"authorize sent the browser to {location}")
            return
        self.begin_family(client, {"grant_type": "authorization_code", "code": answer_in(location)["code"]})

    def begin_family(self, client: Client, form: dict[str, str]) -> None:
        """Get tokens, use them, refresh a few times, at times revoke."""
        answer = self.ask(lambda wire: wire.token(client, **form))
        if answer is None or not self.expect(answer, form["grant_type"], 200):
            return
        held = self.keep(client, answer)
        for _ in range(self.chance.randrange(4)):
            self.use(held)
            self.refresh(held)
            if held.state is not State.LIVE:
                break
        if self.chance.random() < 0.4:
            self.revoke(held)
        self.introspect(held)

    # Requests

    def refresh(self, held: Held) -> None:
        """Exchange the refresh token; without an answer, at times give up there, or try until there is one."""
        while True:
            answer = self.ask(lambda wire: wire.refresh(held.client, held.refresh_token))
            if answer is None:
                held.state = State.IN_DOUBT
                if self.chance.random() < 0.5:
                    return
                continue
            if answer.status == 200:
                held.renew(answer)
            elif held.state is State.IN_DOUBT and answer.outcome == (400, "invalid_grant"):
                held.state = State.ENDED  # it had been carried out: the second time was a replay
            else:
                self.expect(answer, "refresh", 200)
            return

    def revoke(self, held: Held) -> None:
        """End the family by either token; without an answer, at times give up there, or try until there is one."""
        token = self.chance.choice(held.tokens)
        while True:
            answer = self.ask(lambda wire: wire.revoke(held.client, token))
            if answer is not None:
                if self.expect(answer, "revoke", 200):
                    held.state = State.ENDED
                return
            if held.state is State.LIVE:
                held.state = State.IN_DOUBT
            if self.chance.random() < 0.5:
                return

    def use(self, held: Held) -> None:
        """A protected resource."""
        answer = self.ask(lambda wire: wire.me(held.access_token))
        if answer is not None:
            self.expect(answer, "GET /api/v2/me/", 200)

    def introspect(self, held: Held) -> None:
        """Ask whether the access token is what its client thinks it is."""
        answer = self.ask(
            lambda wire: wire.post("/api/o/introspect/", self.traffic.resource_server, token=held.access_token)
        )
        if answer is None or not self.expect(answer, "introspect", 200) or held.state is State.IN_DOUBT:
            return
        if answer.json()["active"] != (held.state is State.LIVE):
            self.violation(f"introspection says {answer.json()} of a token that is {held.state.value}")

    def keep(self, client: Client, answer: Answer) -> Held:
        """Put what was given out on record."""
        given = answer.json()
        held = Held(client, given["access_token"], given.get("refresh_token", ""))
        self.traffic.held.append(held)
        return held

    def ask(self, send: Callable[[Wire], Answer]) -> Answer | None:
        """The answer, or ``None`` when it was 503 or did not come: then the request may have been carried out."""
        self.connect()  # raises Stopped, before anything is sent
        try:
            answer = send(self.wire)
        except (OSError, HTTPException):
            self.wire.http.close()
            self.trouble(0)
            return None
        self.traffic.answers[answer.status] += 1
        if answer.status == 503:
            if not int(answer.headers.get("Retry-After", 0)) > 0:
                self.violation("503 without Retry-After")
            self.trouble(503)
            return None
        return answer

    def connect(self) -> None:
        """Connect if need be, as often as it takes: so far nothing has been sent."""
        while not self.traffic.stop.is_set():
            if self.wire.http.sock is not None:
                return
            try:
                self.wire.http.connect()
            except OSError:
                self.trouble(0)
        raise Stopped

    def trouble(self, status: int) -> None:
        """Note it, and wait a moment."""
        self.traffic.troubles.append(Trouble(time.monotonic(), status))
        self.traffic.stop.wait(_PAUSE)

    def expect(self, answer: Answer, request: str, status: int) -> bool:
        """Whether that is the answer; any other is a violation."""
        if answer.status != status:
            self.violation(f"{request} was answered {answer.status} {answer.body[:300]!r}")
        return answer.status == status

    def violation(self, text: str) -> None:
        self.traffic.violations.append(text)
