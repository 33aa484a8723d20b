"""Speaks HTTP to a started server: a client application's requests, and what a person does in a browser."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPMessage
from typing import Any, NamedTuple, Self, TypeVar
from urllib.parse import urlencode

import requests

from tests import secrets_in_logs
from tests.oauth import FORM, answer_in, basic, hidden_fields
from tests.servers import Server

Result = TypeVar("Result")

_SECONDS = 60


class Client(NamedTuple):
    """A registered client, as it knows itself, and its id in the REST API."""

    client_id: str
    secret: str
    pk: int


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: HTTPMessage
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def outcome(self) -> tuple[int, str | None]:
        """The status, with OAuth's error code when there is one."""
        is_json = self.headers.get_content_type() == "application/json"
        return self.status, self.json().get("error") if is_json else None


class Wire:
    """One connection that stays open, to one worker of the server."""

    def __init__(self, server: Server) -> None:
        self.http = HTTPConnection(*server.address, timeout=_SECONDS)

    def __enter__(self) -> Self:
        self.http.connect()
        return self

    def __exit__(self, *exception: object) -> None:
        self.http.close()

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Send one request."""
        self.http.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        response = self.http.getresponse()
        answer = Answer(response.status, response.headers, response.read())
        secrets_in_logs.learn(answer.body.decode(errors="replace"))
        return answer

    def post(self, path: str, client: Client | None = None, **form: str) -> Answer:
        """POST a form, as ``client``: by Basic, or by name alone when it has no secret."""
        headers = {"Content_Type": FORM}
        if client is not None and client.secret:
            headers["Authorization"] = basic(client.client_id, client.secret)
        elif client is not None:
            form["client_id"] = client.client_id
        return self.send("POST", path, urlencode(form), **headers)

    def token(self, client: Client, **form: str) -> Answer:
        """The token endpoint."""
        return self.post("/api/o/token/", client, **form)

    def refresh(self, client: Client, refresh_token: str) -> Answer:
        """The token endpoint, with a refresh token."""
        return self.token(client, grant_type="refresh_token", refresh_token=refresh_token)

    def revoke(self, client: Client, token: str) -> Answer:
        """The revocation endpoint."""
        return self.post("/api/o/revoke_token/", client, token=token)

    def introspect(self, client: Client, token: str) -> Any:
        """What the introspection endpoint says."""
        answer = self.post("/api/o/introspect/", client, token=token)
        assert answer.status == 200, answer
        return answer.json()

    def me(self, access_token: str) -> Answer:
        """A protected resource."""
        return self.send("GET", "/api/v2/me/", Authorization=f"Bearer {access_token}")


def at_once(server: Server, calls: Iterable[Callable[[Wire], Result]]) -> list[Result]:
    """Run every call in a thread with an open connection of its own, all let go at the same moment."""
    waiting = list(calls)
    barrier = threading.Barrier(len(waiting))

    def run(call: Callable[[Wire], Result]) -> Result:
        with Wire(server) as wire:
            barrier.wait(_SECONDS)
            return call(wire)

    with ThreadPoolExecutor(len(waiting)) as pool:
        return list(pool.map(run, waiting))


def tokens_in(answers: Iterable[Answer]) -> list[str]:
    """Every token that was given out."""
    given = [answer.json() for answer in answers if answer.status == HTTPStatus.OK]
    return [each[name] for each in given for name in ("access_token", "refresh_token") if name in each]


Sender = Callable[[Wire], list[Answer]]


class Load:
    """Clients that send without pause, each on a connection of its own, until they are told to stop."""

    def __init__(self, server: Server, *senders: Sender) -> None:
        self.server = server
        self.senders = senders
        self.answers: list[Answer] = []
        self._stop = threading.Event()

    @contextmanager
    def running(self) -> Iterator[None]:
        """Send from a moment before the block until a moment after it."""
        with ThreadPoolExecutor(len(self.senders)) as pool:
            running = [pool.submit(self._send, sender) for sender in self.senders]
            try:
                time.sleep(0.1)
                yield
                time.sleep(0.1)
            finally:
                self._stop.set()
        for each in running:
            each.result()

    @property
    def outcomes(self) -> set[tuple[int, str | None]]:
        """What there was among the answers."""
        return {answer.outcome for answer in self.answers}

    def _send(self, sender: Sender) -> None:
        with Wire(self.server) as wire:
            while not self._stop.is_set():
                self.answers += sender(wire)


class Person:
    """Somebody at a browser, logged in once they have to be."""

    def __init__(self, server: Server, pk: int, username: str, password: str) -> None:
        self.base_url = server.base_url
        self.pk = pk
        self.username = username
        self.password = password
        self.browser = requests.Session()

    def log_in(self) -> None:
        """Fill in the login page."""
        self._submit(self.browser.get(f"{self.base_url}/api/login/", headers={"Accept": "text/html"}))

    def cookies(self) -> str:
        """A ``Cookie`` header that makes another connection theirs."""
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.browser.cookies)

    def answer_of(self, authorization_url: str) -> str:
        """Open an authorization request, log in where that is asked, allow. Returns where the browser is sent."""
        answer = self._open(authorization_url)
        if answer.status_code == 200:
            answer = self.browser.post(
                f"{self.base_url}/api/o/authorize/",
                {**hidden_fields(answer), "allow": "Authorize"},
                allow_redirects=False,
            )
        assert answer.status_code == 302, answer.text
        secrets_in_logs.learn(answer.headers["Location"])
        return answer.headers["Location"]

    def fill_in(self, path: str, **fields: str) -> requests.Response:
        """Open a page with a form, fill it in and send it."""
        page = self._open(f"{self.base_url}{path}")
        assert page.status_code == 200, page.text
        return self.browser.post(f"{self.base_url}{path}", {**hidden_fields(page), **fields})

    def code(self, client_id: str, **parameters: str) -> str:
        """Ask for an authorization code in the client's name, and allow it."""
        query = urlencode({"response_type": "code", "client_id": client_id, **parameters})
        return answer_in(self.answer_of(f"{self.base_url}/api/o/authorize/?{query}"))["code"]

    def connect_device(self, user_code: str) -> None:
        """Type the code that a device shows, and allow it."""
        question = self.fill_in("/api/o/device/", user_code=user_code)
        answer = {**hidden_fields(question), "allow": "Allow"}
        assert self.browser.post(f"{self.base_url}/api/o/device/", answer).status_code == 200

    def _open(self, url: str) -> requests.Response:
        """Go where the server sends the browser, through the login page too, but not to the client."""
        answer = self.browser.get(url, headers={"Accept": "text/html"}, allow_redirects=False)
        while answer.is_redirect and answer.headers["Location"].startswith("/"):
            answer = self.browser.get(self.base_url + answer.headers["Location"], allow_redirects=False)
            if "/api/login/" in answer.url:
                answer = self._submit(answer)
        return answer

    def _submit(self, login_page: requests.Response) -> requests.Response:
        assert login_page.status_code == 200, login_page.text
        form = {**hidden_fields(login_page), "username": self.username, "password": self.password}
        answer = self.browser.post(login_page.url, form, allow_redirects=False)
        assert answer.status_code == 302, answer.text
        return answer
