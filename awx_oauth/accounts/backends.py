"""Checking a person's password, wherever it is typed: login page, password grant, HTTP Basic."""

from __future__ import annotations

from collections.abc import Iterable
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
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        *,
        candidates: Iterable[User] | None = None,
        **kwargs: Any,
    ) -> User | None:
        """The user. Raises :class:`~awx_oauth.throttling.TooManyFailuresError` instead of checking once too often.

        ``candidates`` is whoever has the name, for a caller that has looked already.
        """
        if username is None or password is None:
            return None
        address, name = remote_address(), username.casefold()
        failures, _others = check_all((_HERE, (name, address)), (_ADDRESS, (address,)))
        user = self._prove(User.objects.filter(username=username) if candidates is None else candidates, password)
        if user is None:
            _HERE.note(name, address)
            _ADDRESS.note(address)
        elif failures:
            _HERE.forgive(name, address)
        return user

    def _prove(self, candidates: Iterable[User], password: str) -> User | None:
        for user in candidates:
            return user if user.check_password(password) and self.user_can_authenticate(user) else None
        User().set_password(password)  # so that an unknown name takes as much time as a wrong password
        return None
