"""How user passwords are stored."""

from __future__ import annotations

import threading
from typing import Any

from django.contrib.auth.hashers import Argon2PasswordHasher

# A process hashes one password at a time: each takes 19 MiB and a core, and the other threads answer meanwhile
_turn = threading.Lock()


class Argon2idHasher(Argon2PasswordHasher):
    """Argon2id at OWASP's minimum: 40 ms a check where Django's own parameters take 313 ms.

    The token endpoint checks a password on every password grant, so its cost is also what an attacker can make us pay.
    """

    time_cost = 2
    memory_cost = 19 * 1024  # KiB
    parallelism = 1

    def encode(self, password: str, salt: str) -> Any:
        """Hash, in turn."""
        with _turn:
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        """Check, in turn."""
        with _turn:
            return super().verify(password, encoded)
