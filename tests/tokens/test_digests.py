"""Token values and their digests."""

from __future__ import annotations

import hashlib
import re
from collections import Counter

from tokens import digests


def test_a_value_is_forty_letters_and_digits():
    assert all(re.fullmatch(r"[A-Za-z0-9]{40}", digests.generate()) for _ in range(200))


def test_no_character_is_preferred():
    counts = Counter("".join(digests.generate() for _ in range(5000)))
    expected = 5000 * 40 / 62
    assert len(counts) == 62
    assert all(abs(count - expected) < expected * 0.15 for count in counts.values())


def test_two_values_are_not_the_same():
    assert len({digests.generate() for _ in range(1000)}) == 1000


def test_a_digest_is_sha256_in_hex():
    assert digests.digest("x") == hashlib.sha256(b"x").hexdigest()
