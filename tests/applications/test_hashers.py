"""How client secrets are stored."""

from __future__ import annotations

from django.contrib.auth.hashers import check_password, identify_hasher, make_password

from applications.hashers import ClientSecretHasher


def test_a_secret_is_verified_against_its_hash_only():
    encoded = make_password("s3cret", hasher="client_sha256")
    assert check_password("s3cret", encoded)
    assert not check_password("s3cret ", encoded)
    assert not check_password("", encoded)


def test_the_hash_names_its_algorithm_and_does_not_hold_the_secret():
    encoded = make_password("s3cret", hasher="client_sha256")
    assert encoded.startswith("client_sha256$")
    assert "s3cret" not in encoded
    assert isinstance(identify_hasher(encoded), ClientSecretHasher)


def test_the_same_secret_hashes_differently_each_time():
    assert make_password("s3cret", hasher="client_sha256") != make_password("s3cret", hasher="client_sha256")


def test_a_secret_may_have_any_characters():
    encoded = make_password("$ü$\n", hasher="client_sha256")
    assert check_password("$ü$\n", encoded)
    assert not check_password("$ü$", encoded)


def test_a_hash_fits_its_column():
    assert len(make_password("s" * 128, hasher="client_sha256")) <= 255


def test_the_summary_masks_the_digest():
    encoded = make_password("s3cret", hasher="client_sha256")
    summary = ClientSecretHasher().safe_summary(encoded)
    assert summary["algorithm"] == "client_sha256"
    assert encoded.rsplit("$", 1)[1] not in summary.values()
