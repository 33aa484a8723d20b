"""What is measured: this service and its peers, how each is started, and how its database is filled."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import machine
from benchmarks.steps import Paths

ROOT = Path(__file__).resolve().parent.parent
NODE = ROOT / "benchmarks" / "peers" / "node"
SERVICE = "awx-oauth"
GROWN = "awx-oauth, grown"
_OLDEST_NODE = 18
_INSTALL_SECONDS = 300

_SECRET = "a-secret-of-the-benchmark-that-protects-nothing-at-all-0123456789"


@dataclass(frozen=True)
class Subject:
    """One server with its database. ``{port}`` in the command is where it shall listen."""

    name: str
    title: str
    paths: Paths
    command: Sequence[str]
    seed: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    seed_env: Mapping[str, str] = field(default_factory=dict)
    directory: Path = ROOT
    # Opens a connection for each request, so that PostgreSQL's part is in processes that have ended
    reconnects: bool = False
    # Hashes a client secret with a password hash: a few requests a second
    slow: bool = False
    live_tokens: int = 0
    live_applications: int = 0


def service(*, tokens: int = 0, applications: int = 0) -> Subject:
    """This service with its shipped defaults; with rows, a database that has grown."""
    is_grown = bool(tokens or applications)
    return Subject(
        name=GROWN if is_grown else SERVICE,
        title=f"{SERVICE}, {tokens} live tokens, {applications} applications" if is_grown else SERVICE,
        paths=Paths("/api/o/token/", "/api/o/introspect/", "/api/o/revoke_token/", "/api/v2/me/"),
        command=(sys.executable, "-m", "gunicorn", "--config", "python:awx_oauth.gunicorn"),
        seed=(sys.executable, "-m", "benchmarks.peers.service.seed"),
        env={
            "DJANGO_SETTINGS_MODULE": "settings.production",
            "SECRET_KEY": _SECRET,
            "ALLOWED_HOSTS": "127.0.0.1",
            "OAUTH2_ISSUER": "https://auth.example.org",
            "SECURE_SSL_REDIRECT": "false",  # the benchmark speaks plain http
        },
        # Codes are made before the measurement begins
        seed_env={"AUTHORIZATION_CODE_EXPIRE_SECONDS": "36000"},
        live_tokens=tokens,
        live_applications=applications,
    )


def _django_oauth_toolkit(*, tuned: bool) -> Subject:
    # As many processes as gunicorn's documentation recommends for workers that do one request at a time
    workers = 2 * machine.cores() + 1
    return Subject(
        name="dot-tuned" if tuned else "dot",
        title="django-oauth-toolkit, " + ("tuned" if tuned else "as installed"),
        paths=Paths("/o/token/", "/o/introspect/", "/o/revoke_token/", "/me/"),
        command=(
            sys.executable, "-m", "gunicorn", "benchmarks.peers.dot.wsgi:application",
            "--bind", "127.0.0.1:{port}", "--workers", f"{workers}", "--worker-class", "sync",
        ),
        seed=(sys.executable, "-m", "benchmarks.peers.dot.seed"),
        env={
            "DJANGO_SETTINGS_MODULE": "benchmarks.peers.dot.settings",
            "SECRET_KEY": _SECRET,
            "BENCH_TUNED": "1" if tuned else "0",
        },
        reconnects=not tuned,
        slow=not tuned,
    )  # fmt: skip


def _node_oidc_provider() -> Subject:
    return Subject(
        name="node",
        title="node-oidc-provider",
        paths=Paths("/token", "/token/introspection", "/token/revocation", "/me"),
        command=("node", "server.mjs"),
        seed=("node", "seed.mjs"),
        env={"CLIENT_SECRET": _SECRET, "NODE_ENV": "production", "WEB_CONCURRENCY": f"{machine.cores()}"},
        directory=NODE,
    )


PEERS = {
    "dot": lambda: _django_oauth_toolkit(tuned=False),
    "dot-tuned": lambda: _django_oauth_toolkit(tuned=True),
    "node": _node_oidc_provider,
}


def install_node_peer() -> str:
    """Install what the node peer needs. Returns why it cannot be measured, ``""`` when it can."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        return "node and npm are not installed"
    version = machine.node_version()
    if int(version.partition(".")[0]) < _OLDEST_NODE:
        return f"node {version} is older than {_OLDEST_NODE}"
    if (NODE / "node_modules" / ".package-lock.json").is_file():
        return ""
    command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
    done = subprocess.run(command, cwd=NODE, capture_output=True, text=True, check=False, timeout=_INSTALL_SECONDS)
    return "" if done.returncode == 0 else f"npm ci failed: {done.stderr.strip()[-200:]}"
