"""The commands in README.md and docs/ do what the text says: each block is run, in order, against a started server."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers import ADMIN, ADMIN_PASSWORD, ROOT

PEOPLES = ["README.md", "docs/admin.md", "docs/getting-started.md", "docs/resource-server.md"]
ADMINS = ["docs/awx.md"]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
_FENCE = re.compile(r"^```([^\n]*)\n.*?^```$", re.DOTALL | re.MULTILINE)
# What is no command; and those that other tests run, or that are no test's to run
_NOT_RUN = {
    "json",
    "mermaid",
    "yaml",  # a playbook: tests/clients/test_collection.py sends what its modules send
    "console",  # make run and make test
    "make",  # make bench
    "js run openid-client",  # tests/clients/test_openid_client.py
    "ini",
    "sh containers",  # need Docker
    "sh revoke-all",  # tests/tokens/test_commands.py
    *(
        f"sh {verb}-{database}" for verb in ("backup", "restore") for database in ("postgresql", "sqlite")
    ),  # test_backup.py
}
_BLOCK = re.compile(r"^```(\w+) run\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_RUNNERS = {"python": "python -W ignore -", "js": "node --input-type=module -"}
# What a command that fails with exit code 0 prints when it does not
_SAID = {
    "docs/awx.md": ["export CONTROLLER_OAUTH_TOKEN=", '"token":'],
    "docs/getting-started.md": ["export CONTROLLER_OAUTH_TOKEN="],
}
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


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_no_command_is_left_out(document):
    name = str(document.relative_to(ROOT))
    kinds = set(_FENCE.findall(document.read_text(encoding="utf-8"))) - _NOT_RUN
    assert kinds <= ({"sh run", "python run", "js run"} if name in PEOPLES + ADMINS else set())


@pytest.mark.parametrize("name", PEOPLES + ADMINS)
def test_commands_run_as_they_are_written(server, cast, tmp_path, name):
    login, password = ADMIN, ADMIN_PASSWORD
    if name in PEOPLES:
        person = cast.user()
        login, password = person.username, person.password
    (tmp_path / "sitecustomize.py").write_text(_PERSON)
    environment = {
        **server.env,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}",
        "BASE": server.base_url,
        "LOGIN": login,
        "PASSWORD": password,
        "HOME": str(tmp_path),
    }
    done = subprocess.run(
        ["bash", "-c", script(ROOT / name)],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    for said in _SAID.get(name, []):
        assert said in done.stdout


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document):
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8")):
        assert (document.parent / target).exists(), target
