"""Password hashers that count how often they hash: equal work shows without measuring time."""

from __future__ import annotations

from applications.hashers import ClientSecretHasher
from tests.hashers import CheapArgon2idHasher

counted: list[str] = []


class CountingClientSecretHasher(ClientSecretHasher):
    """The hasher of client secrets."""

    def encode(self, password: str, salt: str) -> str:
        counted.append("client_sha256")
        return super().encode(password, salt)


class CountingUserHasher(CheapArgon2idHasher):
    """The hasher of users' passwords."""

    def encode(self, password: str, salt: str) -> str:
        counted.append("argon2")
        return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        counted.append("argon2")
        return super().verify(password, encoded)


HASHERS = ["tests.flows.counting.CountingUserHasher", "tests.flows.counting.CountingClientSecretHasher"]
