"""The README's table has each variable that the service reads, with its default, and no other."""

from __future__ import annotations

import re

import pytest

from tests.servers import ROOT

_READ = re.compile(r'\benv\.\w+\(\s*"([A-Z_]+)"(?:, (\d+)\b(?! \*))?')
_ROW = re.compile(r"^\| (`[A-Z_`, ]+`) \| (.*) \|$", re.MULTILINE)


def variables() -> dict[str, str]:
    """What the code reads: a whole number that is its default, by the variable's name."""
    found: dict[str, str] = {}
    for part in ("settings", "awx_oauth", "applications", "tokens"):
        for path in (ROOT / part).rglob("*.py"):
            found |= dict(_READ.findall(path.read_text(encoding="utf-8")))
    return found


def rows() -> dict[str, str]:
    """What the table says of each variable."""
    _before, _heading, configuration = (ROOT / "README.md").read_text(encoding="utf-8").partition("## Configuration")
    table, _heading, _after = configuration.partition("\n## ")
    return {name: meaning for names, meaning in _ROW.findall(table) for name in re.findall(r"[A-Z_]+", names)}


def test_each_variable_is_documented_and_no_other():
    assert rows().keys() == variables().keys()


@pytest.mark.parametrize(("name", "default"), [(name, default) for name, default in variables().items() if default])
def test_default_is_the_one_that_is_documented(name, default):
    assert re.search(rf"\b{default}\b", rows()[name])
