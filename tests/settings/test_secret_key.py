"""A development checkout makes its secret key once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from settings import secret_key


def test_the_key_is_made_once_and_readable_by_its_owner_only(tmp_path):
    path = tmp_path / ".secret-key"
    first = secret_key.kept_in(path)
    assert len(first) == 50
    assert secret_key.kept_in(path) == first
    assert path.stat().st_mode & 0o777 == 0o600


def test_those_that_start_together_get_the_same_key(tmp_path):
    with ThreadPoolExecutor(16) as pool:
        keys = set(pool.map(lambda _: secret_key.kept_in(tmp_path / ".secret-key"), range(64)))
    assert len(keys) == 1
    assert [file.name for file in tmp_path.iterdir()] == [".secret-key"]
