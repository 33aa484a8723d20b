"""Configuration is read from the environment or from files, and a mistake is one sentence."""

from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured

from settings import env


def test_a_value_is_read_from_its_variable(monkeypatch):
    monkeypatch.setenv("NAME", "value")
    assert env.string("NAME") == "value"


@pytest.mark.parametrize("content", ["value", "value\n", "value\r\n"])
def test_a_value_is_read_from_the_file_without_its_line_end(monkeypatch, tmp_path, content):
    file = tmp_path / "secret"
    file.write_bytes(content.encode())
    monkeypatch.setenv("NAME_FILE", str(file))
    assert env.string("NAME") == "value"


def test_blanks_inside_a_file_belong_to_the_value(monkeypatch, tmp_path):
    file = tmp_path / "secret"
    file.write_text(" a b \n")
    monkeypatch.setenv("NAME_FILE", str(file))
    assert env.string("NAME") == " a b "


def test_a_variable_and_its_file_together_are_refused(monkeypatch):
    monkeypatch.setenv("NAME", "value")
    monkeypatch.setenv("NAME_FILE", "/dev/null")
    with pytest.raises(ImproperlyConfigured, match=r"^Set either NAME or NAME_FILE, not both\.$"):
        env.string("NAME")


def test_a_file_that_cannot_be_read_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("NAME_FILE", str(tmp_path / "none"))
    with pytest.raises(ImproperlyConfigured, match=r"^NAME_FILE names .*none, which cannot be read: No such file"):
        env.string("NAME")


def test_a_file_that_is_not_text_is_refused(monkeypatch, tmp_path):
    file = tmp_path / "secret"
    file.write_bytes(b"\xff\xfe")
    monkeypatch.setenv("NAME_FILE", str(file))
    with pytest.raises(ImproperlyConfigured, match=r"it is not UTF-8 text\.$"):
        env.string("NAME")


def test_an_empty_value_counts_as_none(monkeypatch):
    monkeypatch.setenv("NAME", "")
    monkeypatch.setenv("NAME_FILE", "")
    assert env.string("NAME", "default") == "default"


def test_a_required_value_that_is_missing_says_what_to_set():
    with pytest.raises(ImproperlyConfigured, match=r"^Set NAME \(or NAME_FILE\) to a random string\.$"):
        env.required("NAME", "a random string")


def test_a_whole_number_is_read(monkeypatch):
    monkeypatch.setenv("NAME", "42")
    assert env.integer("NAME", 7) == 42
    monkeypatch.delenv("NAME")
    assert env.integer("NAME", 7) == 7


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("many", "NAME must be a whole number."),
        ("1.5", "NAME must be a whole number."),
        ("0", "NAME must be 1 or more."),
        ("10", "NAME must be 9 or less."),
    ],
)
def test_a_bad_number_is_refused_without_repeating_it(monkeypatch, value, sentence):
    monkeypatch.setenv("NAME", value)
    with pytest.raises(ImproperlyConfigured) as raised:
        env.integer("NAME", 7, minimum=1, maximum=9)
    assert str(raised.value) == sentence


@pytest.mark.parametrize(
    ("value", "meaning"), [("1", True), ("TRUE", True), ("yes", True), ("on", True), ("0", False), ("No", False)]
)
def test_yes_and_no_have_several_spellings(monkeypatch, value, meaning):
    monkeypatch.setenv("NAME", value)
    assert env.boolean("NAME", default=not meaning) is meaning


def test_anything_else_is_neither_yes_nor_no(monkeypatch):
    monkeypatch.setenv("NAME", "perhaps")
    with pytest.raises(ImproperlyConfigured, match=r"^NAME must be true or false\.$"):
        env.boolean("NAME", default=True)


def test_a_list_is_split_at_commas(monkeypatch):
    monkeypatch.setenv("NAME", " a.example, b.example,,")
    assert env.items("NAME") == ["a.example", "b.example"]


def test_addresses_and_networks_are_checked(monkeypatch):
    monkeypatch.setenv("NAME", "10.0.0.1,10.0.0.0/8,fd00::/8")
    assert env.networks("NAME") == ["10.0.0.1", "10.0.0.0/8", "fd00::/8"]
    monkeypatch.setenv("NAME", "10.0.0.1,proxy.example")
    with pytest.raises(ImproperlyConfigured, match=r"'proxy\.example' is neither\.$"):
        env.networks("NAME")
