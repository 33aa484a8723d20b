"""Making token values, and the digests that are all we keep of them."""

from __future__ import annotations

import hashlib
import secrets
import string

_ALPHABET = string.ascii_letters + string.digits
_LENGTH = 40  # characters: 238 bits, where RFC 6749 §10.10 asks for 160


def generate() -> str:
    """A new token value: letters and digits only, so that it never looks like a command-line option."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))


def digest(cleartext: str) -> str:
    """The hex SHA-256 under which a token, code or device code is stored and found.

    A plain hash suffices because :func:`generate` leaves nothing to guess.
    """
    return hashlib.sha256(cleartext.encode()).hexdigest()
