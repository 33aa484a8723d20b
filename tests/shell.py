"""Runs documented commands as a reader would: pasted into bash, with the real curl."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from email.message import Message
from email.parser import HeaderParser
from typing import Any

import pytest

from tests.servers import ROOT, Server

needs_curl = pytest.mark.skipif(
    not (shutil.which("bash") and shutil.which("curl")),
    reason="the documented commands need bash and curl, and one of them is not installed",
)


@dataclass(frozen=True)
class Reply:
    """What ``curl -i`` printed."""

    status_line: str
    headers: Message
    body: str

    def json(self) -> Any:
        return json.loads(self.body)


def run(server: Server, command: str, **variables: str) -> str:
    """Run ``command`` in the checkout with shell variables set; give what it printed."""
    # The reader's `python` is the one of the checkout's virtual environment
    script = f'python() {{ "{sys.executable}" "$@"; }}\n{command}'
    done = subprocess.run(
        ["bash", "-euc", script],
        cwd=ROOT, env={**server.env, **variables}, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


def reply(server: Server, command: str, **variables: str) -> Reply:
    """Run a ``curl … -i`` line."""
    printed = run(server, command, **variables)
    status_line, _, rest = printed.partition("\n")
    head, _, body = rest.replace("\r\n", "\n").partition("\n\n")
    return Reply(status_line.strip(), HeaderParser().parsestr(head), body)
