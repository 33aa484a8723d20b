"""The commands in docs/ do what the text says: each block marked ``run`` is run, in order, against a started server."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers import ROOT

DOCUMENTS = ["getting-started.md", "resource-server.md", "admin.md"]
_BLOCK = re.compile(r"^```(\w+) run\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_RUNNERS = {"python": "python -W ignore -", "js": "node --input-type=module -"}
# What a person does when a program asks them to open an address: sign in, allow, and bring the new address back
_PERSON = """
import builtins, os, re
def visit(prompt):
    import django
    django.setup()
    from tests.wire import Person
    server = type("Address", (), {"base_url": os.environ["BASE"]})
    person = Person(server, 0, os.environ["LOGIN"], os.environ["PASSWORD"])
    return person.answer_of(re.search("http[^ \\n]+", prompt)[0])
builtins.input = visit
"""


def script(document: Path) -> str:
    """The document as one shell script."""
    lines = ["set -euo pipefail", "set -a"]
    for language, code in _BLOCK.findall(document.read_text(encoding="utf-8")):
        if language == "sh":
            lines.append(code)
        elif language != "js" or shutil.which("node"):
            lines.append(f"{_RUNNERS[language]} <<'END_OF_BLOCK'\n{code}END_OF_BLOCK")
    return "\n".join(lines)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_commands_run_as_they_are_written(server, cast, tmp_path, name):
    person = cast.user()
    (tmp_path / "sitecustomize.py").write_text(_PERSON)
    environment = {
        **server.env,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}",
        "BASE": server.base_url,
        "LOGIN": person.username,
        "PASSWORD": person.password,
        "HOME": str(tmp_path),
    }
    done = subprocess.run(
        ["bash", "-c", script(ROOT / "docs" / name)],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("document", sorted((ROOT / "docs").glob("*.md")), ids=lambda path: path.name)
def test_links_lead_somewhere(document):
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8")):
        assert (document.parent / target).exists(), target
