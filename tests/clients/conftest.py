"""What the tests with other people's client libraries share."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

_NODE = Path(__file__).parent / "node"
_OLDEST_NODE = 20
_SECONDS = 120
_REGISTRY_IS_AWAY = re.compile(
    r"npm (?:error|ERR!) code (?:E(?:NOTFOUND|AI_AGAIN|CONN\w+|TIMEDOUT|NETUNREACH)|E[45]\d\d)"
)


@pytest.fixture(autouse=True)
def _plain_http(monkeypatch):
    """The libraries insist on https, and the started service speaks plain http."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")


@pytest.fixture
def endpoint(server):
    """The URL of an endpoint by its name under ``/api/o/``."""
    return lambda name: f"{server.base_url}/api/o/{name}/"


@pytest.fixture
def me_url(server):
    """A protected resource."""
    return f"{server.base_url}/api/v2/me/"


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=_NODE, capture_output=True, text=True, check=False, timeout=_SECONDS)


@pytest.fixture(scope="session")
def library() -> Path:
    """Where what the lock file pins is installed, once."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("node and npm are not installed: no client in JavaScript was tried.")
    version = _run("node", "--version").stdout.strip()
    if int(version.lstrip("v").partition(".")[0]) < _OLDEST_NODE:
        pytest.skip(f"node is {version}, and the libraries need {_OLDEST_NODE}: no client in JavaScript was tried.")
    installed = _NODE / "node_modules" / ".package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < (_NODE / "package-lock.json").stat().st_mtime:
        done = _run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1")
        if _REGISTRY_IS_AWAY.search(done.stderr):
            pytest.skip("npm's registry cannot be reached to install the libraries: no client in JavaScript was tried.")
        assert done.returncode == 0, done.stderr
    return _NODE
