"""The conformance page is up to date, and every protocol test is on it."""

from __future__ import annotations

from pathlib import Path

from tests.conformance import page, proofs

ROOT = Path(__file__).parent.parent


def test_the_page_is_up_to_date():
    written = (ROOT / "docs" / "conformance.md").read_text(encoding="utf-8")
    assert written == page(list(proofs())), "run: python -m tests.conformance > docs/conformance.md"


def test_every_specification_that_we_claim_is_proven():
    claimed = {"6749", "6750", "7009", "7636", "7662", "8252", "8414", "8628", "9207", "9700"}
    assert claimed <= {proof.number for proof in proofs()}


def test_every_test_of_the_journeys_names_its_section():
    marked = {proof.test.split("::")[1] for proof in proofs()}
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests" / "flows").glob("test_rfc*.py"))
    named = [line.split("(")[0].removeprefix("def ") for line in source.splitlines() if line.startswith("def test_")]
    assert [name for name in named if name not in marked] == []
