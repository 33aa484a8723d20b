"""A password hasher for tests: the real algorithm at the lowest cost it takes."""

from __future__ import annotations

from awx_oauth.accounts.hashers import Argon2idHasher
from tests import secrets_in_logs


class CheapArgon2idHasher(Argon2idHasher):
    """Argon2id in well under a millisecond."""

    time_cost = 1
    memory_cost = 8  # KiB

    def encode(self, password: str, salt: str) -> str:
        """Meets each password that is set, which no log line of the run may hold."""
        secrets_in_logs.learn_password(password)
        return super().encode(password, salt)
