"""Writes logins and logouts to the audit log, wherever they happen: the login page, Django admin, Basic."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest

from awx_oauth.accounts.models import User
from awx_oauth.activity.models import Event
from awx_oauth.activity.services import record


@receiver(user_logged_in)
def note_login(*, user: User, **_kwargs: Any) -> None:
    """Somebody has a session now."""
    record(Event.LOGIN, actor=user)


@receiver(user_logged_out)
def note_logout(*, user: User | None, **_kwargs: Any) -> None:
    """A session ended; one without user tells nothing."""
    if user is not None:
        record(Event.LOGOUT, actor=user)


@receiver(user_login_failed)
def note_failure(*, credentials: dict[str, Any], request: HttpRequest | None = None, **_kwargs: Any) -> None:
    """Somebody did not prove to be who they said.

    A name that nobody has is not kept: people type passwords there. Without a request it was the password grant, which
    writes an entry of its own.
    """
    if request is not None:
        record(Event.LOGIN_FAILED, target=User.objects.filter(username=credentials.get("username")).first())
