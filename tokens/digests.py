"""Making token values, and the digests that are all we keep of them."""

from __future__ import annotations

import hashlib
import os
import string

_ALPHABET = (string.ascii_letters + string.digits).encode()
_EVEN = 256 - 256 % len(_ALPHABET)
# The first 248 values of a byte fall evenly on 62 characters; the others are dropped
_CHARACTERS = bytes(_ALPHABET[value % len(_ALPHABET)] for value in range(256))
_UNEVEN = bytes(range(_EVEN, 256))
_LENGTH = 40  # characters: 238 bits, where RFC 6749 §10.10 asks for 160


def generate() -> str:
    """A new token value: letters and digits only, so that it never looks like a command-line option."""
    while True:
        characters = os.urandom(64).translate(_CHARACTERS, _UNEVEN)
        if len(characters) >= _LENGTH:
            return characters[:_LENGTH].decode()


def digest(cleartext: str) -> str:
    """The hex SHA-256 under which a token, code or device code is stored and found.

    A plain hash suffices because :func:`generate` leaves nothing to guess.
    """
    return hashlib.sha256(cleartext.encode()).hexdigest()
