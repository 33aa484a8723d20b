"""How client secrets are stored: salted SHA-256.

A slow hash protects a guessable secret. Ours are 128 generated characters (over 700 bits), so a slow one would only
cost 400 ms of CPU on every request that authenticates a client.
"""

from __future__ import annotations

import hashlib
from typing import Any

from django.contrib.auth.hashers import BasePasswordHasher, mask_hash
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_noop as _


class ClientSecretHasher(BasePasswordHasher):
    """Salted SHA-256 for generated secrets, never for something a person chose."""

    algorithm = "client_sha256"

    def encode(self, password: str, salt: str) -> str:
        """``algorithm$salt$hex digest``."""
        digest = hashlib.sha256(f"{salt}{password}".encode()).hexdigest()
        return f"{self.algorithm}${salt}${digest}"

    def decode(self, encoded: str) -> dict[str, str]:
        """The parts of an encoded secret."""
        algorithm, salt, digest = encoded.split("$", 2)
        return {"algorithm": algorithm, "salt": salt, "hash": digest}

    def verify(self, password: str, encoded: str) -> bool:
        """Compare in constant time."""
        return constant_time_compare(encoded, self.encode(password, self.decode(encoded)["salt"]))

    def safe_summary(self, encoded: str) -> dict[Any, Any]:
        """What Django admin may show."""
        parts = self.decode(encoded)
        return {_("algorithm"): parts["algorithm"], _("hash"): mask_hash(parts["hash"])}

    def harden_runtime(self, password: str, encoded: str) -> None:
        """Nothing to even out: there is no work factor."""
