"""Checking a person's password, wherever it is typed: login page, password grant, HTTP Basic."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from awx_oauth.accounts.models import User
from awx_oauth.throttling import FailureLimit, check_all, remote_address

_HERE = FailureLimit("FAILED_PASSWORDS_PER_USER_AND_ADDRESS")
_ADDRESS = FailureLimit("FAILED_PASSWORDS_PER_ADDRESS")


class PasswordBackend(ModelBackend):
    """Django's, with a limit on failures.

    A limit per user alone would let anybody lock anybody out, so failures count per user and address, and per address
    over all users: who guesses elsewhere does not get in the way of who knows the password.
    """

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        """The user. Raises :class:`~awx_oauth.throttling.TooManyFailuresError` instead of checking once too often."""
        address, name = remote_address(), (username or "").casefold()
        failures, _others = check_all((_HERE, (name, address)), (_ADDRESS, (address,)))
        user = super().authenticate(request, username, password, **kwargs)
        if not isinstance(user, User):
            _HERE.note(name, address)
            _ADDRESS.note(address)
            return None
        if failures:
            _HERE.forgive(name, address)
        return user
