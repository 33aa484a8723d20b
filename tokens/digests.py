"""Making token values, and the digests that are all we keep of them."""

from __future__ import annotations

import hashlib
import os
import string

_ALPHABET = string.ascii_letters + string.digits
_EVEN = 256 - 256 % len(_ALPHABET)
_LENGTH = 40  # characters: 238 bits, where RFC 6749 §10.10 asks for 160


def generate() -> str:
    """A new token value: letters and digits only, so that it never looks like a command-line option."""
    while True:
        # One call for all random bytes; the first 248 values fall evenly on 62 characters, the others are dropped
        even = [byte for byte in os.urandom(64) if byte < _EVEN]
        if len(even) >= _LENGTH:
            return "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in even[:_LENGTH])


def digest(cleartext: str) -> str:
    """The hex SHA-256 under which a token, code or device code is stored and found.

    A plain hash suffices because :func:`generate` leaves nothing to guess.
    """
    return hashlib.sha256(cleartext.encode()).hexdigest()
