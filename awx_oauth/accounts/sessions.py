"""Sessions in the database under the digest of their key: who reads the table cannot log in as anybody."""

from __future__ import annotations

import hashlib
from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.base_session import AbstractBaseSession
from django.contrib.sessions.models import Session
from django.utils import timezone

_LENGTH = 40  # of the model's column, in hex digits: 160 bits


def stored_key(session_key: str) -> str:
    """The key under which a session is stored. A plain hash suffices: keys are 165 random bits."""
    return hashlib.sha256(session_key.encode()).hexdigest()[:_LENGTH]


class SessionStore(db.SessionStore):
    """Django's, but that the cookie's value is stored nowhere."""

    def _get_session_from_db(self) -> AbstractBaseSession | None:
        key = stored_key(self.session_key or "")
        session = Session.objects.filter(session_key=key, expire_date__gt=timezone.now()).first()
        if session is None:
            self._session_key = None  # as Django does: an unknown key is never taken over
        return session

    def exists(self, session_key: str) -> bool:
        """Whether a key is taken."""
        return Session.objects.filter(session_key=stored_key(session_key)).exists()

    def create_model_instance(self, data: dict[str, Any]) -> AbstractBaseSession:
        """The row that is saved."""
        session = super().create_model_instance(data)
        session.session_key = stored_key(session.session_key)
        return session

    def delete(self, session_key: str | None = None) -> None:
        """End a session."""
        key = session_key or self.session_key
        if key is not None:
            Session.objects.filter(session_key=stored_key(key)).delete()
