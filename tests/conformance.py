"""Writes docs/conformance.md: every statement that a test proves, by RFC and section.

``python -m tests.conformance > docs/conformance.md``. The marks are read from the sources, so nothing has to run.
"""

from __future__ import annotations

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

_ROOT = Path(__file__).parent
_LIMITS = _ROOT / "conformance_limits.md"  # written by hand: where we differ, and what we do not offer
_TITLES = {
    "6749": "The OAuth 2.0 Authorization Framework",
    "6750": "Bearer Token Usage",
    "6819": "Threat Model and Security Considerations",
    "7009": "Token Revocation",
    "7235": "HTTP Authentication",
    "7521": "Assertion Framework",
    "7636": "Proof Key for Code Exchange",
    "7662": "Token Introspection",
    "8252": "OAuth 2.0 for Native Apps",
    "8414": "Authorization Server Metadata",
    "8628": "Device Authorization Grant",
    "8707": "Resource Indicators",
    "9101": "JWT-Secured Authorization Request",
    "9207": "Authorization Server Issuer Identification",
    "9700": "Best Current Practice for OAuth 2.0 Security",
}
_INTRODUCTION = """\
# Conformance

What the service promises of each specification, and the test that shows it. Written by
`python -m tests.conformance > docs/conformance.md` from the tests' own marks; a test fails while this page is out of
date. Where the service differs, and what it does not offer, is said [at the end](#deviations).
"""
# Acronyms, as they stand in a test's name and as a person writes them
_ACRONYMS = {word.lower(): word for word in ("CSRF", "JSON", "NUL", "PKCE", "RFC", "S256", "URI", "URIs", "URL")}
_ACRONYMS["awxs"] = "AWX's"


class Proof(NamedTuple):
    """One test and one section that it proves."""

    number: str
    section: str
    statement: str
    test: str


def proofs(root: Path = _ROOT) -> Iterator[Proof]:
    """Every mark of every test."""
    for path in sorted(root.rglob("test_*.py")):
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(function, ast.FunctionDef) and function.name.startswith("test_"):
                for number, section in _marks(function):
                    test = f"{path.relative_to(root.parent).as_posix()}::{function.name}"
                    yield Proof(number, section, _sentence(function.name), test)


def _marks(function: ast.FunctionDef) -> Iterator[tuple[str, str]]:
    for decorator in function.decorator_list:
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "pytest.mark.rfc":
            number, section = (ast.literal_eval(argument) for argument in decorator.args)
            yield number, section


def _sentence(name: str) -> str:
    words = " ".join(_ACRONYMS.get(word, word) for word in name.removeprefix("test_").split("_"))
    return words[:1].upper() + words[1:]


def page(found: list[Proof]) -> str:
    """The whole document."""
    by_number: dict[str, list[Proof]] = defaultdict(list)
    for proof in found:
        by_number[proof.number].append(proof)
    parts = [_INTRODUCTION]
    for number in sorted(by_number, key=lambda number: (not number.isdecimal(), number)):
        parts.append(f"## {_title(number)}\n")
        rows = sorted(by_number[number], key=lambda proof: (_order(proof.section), proof.test))
        parts.append("| section | what holds | test |\n|---|---|---|")
        parts.extend(
            f"| §{row.section} | {row.statement} | [{_file(row)}](../{row.test.split('::')[0]}) |" for row in rows
        )
        parts.append("")
    parts.append(_LIMITS.read_text(encoding="utf-8"))
    return "\n".join(parts)


def _title(number: str) -> str:
    return f"RFC {number}: {_TITLES[number]}" if number.isdecimal() else number


def _file(proof: Proof) -> str:
    return proof.test.split("/")[-1].split("::")[0]


def _order(section: str) -> list[tuple[int, str]]:
    """``4.10`` after ``4.9``, appendices last."""
    return [(int(part), "") if part.isdecimal() else (1000, part) for part in re.split(r"\.", section)]


if __name__ == "__main__":
    sys.stdout.write(page(list(proofs())))
