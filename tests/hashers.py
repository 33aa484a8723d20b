"""A password hasher for tests: the real algorithm at the lowest cost it takes."""

from __future__ import annotations

from awx_oauth.accounts.hashers import Argon2idHasher


class CheapArgon2idHasher(Argon2idHasher):
    """Argon2id in well under a millisecond."""

    time_cost = 1
    memory_cost = 8  # KiB
