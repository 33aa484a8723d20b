"""No log line of the whole run may hold a secret: this remembers every one that is given out, and looks for it.

Each record is read as production writes it, in JSON with all its fields. Started servers write their own logs; what
they give out is learned from their answers.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from unittest.mock import patch
from urllib.parse import quote, quote_plus

from oauth2_provider.generators import generate_client_secret

from awx_oauth.logs import JsonFormatter, RequestIdFilter
from tokens import digests

_VALUE = re.compile(r"[A-Za-z0-9]{20,}")
_GIVEN_OUT = re.compile(
    r'"(?:access_token|refresh_token|device_code|client_secret|token)": ?"([A-Za-z0-9]{20,})"|[?&]code=([A-Za-z0-9]+)'
)
_LEAST = 10  # characters of a password that no other text is likely to hold
_WORD = re.compile(r"[a-z_:.-]+")  # the generated tests also try the protocol's own words as passwords

_values: set[str] = set()  # tokens, codes, secrets: looked up among the words of a line
_phrases: set[str] = set()  # passwords, in each way that a line could have them: looked for in the line


def learn(answer: str) -> None:
    """Remember what an answer of a started server, or the address of a redirect, gives out."""
    _values.update(value for found in _GIVEN_OUT.findall(answer) for value in found if value)


def learn_password(password: str) -> None:
    """Remember a password; tests/hashers.py meets every one that is set, or typed for a name that nobody has."""
    if len(password) >= _LEAST and not _WORD.fullmatch(password):
        _phrases.update({password, quote(password), quote_plus(password)})


def secrets_in(text: str) -> set[str]:
    """Which of the secrets that are known now are in ``text``."""
    return (_values & set(_VALUE.findall(text))) | {phrase for phrase in _phrases if phrase in text}


class Watch(logging.Handler):
    """Looks at each record; :attr:`leaks` are the lines that held a secret."""

    def __init__(self) -> None:
        super().__init__()
        self.leaks: list[str] = []
        self.addFilter(RequestIdFilter())
        self.setFormatter(JsonFormatter())

    def emit(self, record: logging.LogRecord) -> None:
        line = self.format(record)
        if secrets_in(line):
            self.leaks.append(line)

    def check(self) -> None:
        """Fail for what has been found since the last time."""
        leaks, self.leaks = self.leaks, []
        assert leaks == [], "A secret is in the log."


@contextmanager
def watching() -> Iterator[Watch]:
    """Learn every secret that this process makes, and look at every record that it logs."""
    from applications import services  # here, because the scripts that start servers have no Django of their own

    watch = Watch()
    root = logging.getLogger()
    with (
        patch.object(digests, "generate", _learning(digests.generate)),
        patch.object(services, "generate_client_secret", _learning(generate_client_secret)),
    ):
        root.addHandler(watch)
        try:
            yield watch
        finally:
            root.removeHandler(watch)


def _learning(generate: Callable[[], str]) -> Callable[[], str]:
    @wraps(generate)
    def generate_and_learn() -> str:
        value = generate()
        _values.add(value)
        return value

    return generate_and_learn
