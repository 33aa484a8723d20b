"""Says on what was measured: versions and hardware, without which figures mean nothing."""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import subprocess
from importlib.metadata import version
from pathlib import Path

_PACKAGES = ("Django", "djangorestframework", "django-oauth-toolkit", "oauthlib", "gunicorn", "psycopg2-binary")
_NODE_PACKAGES = Path(__file__).parent / "peers" / "node" / "node_modules"
_GIB = 1024**3


def cores() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0))


def node_version() -> str:
    """Such as "22.1.0"; ``""`` without node."""
    if shutil.which("node") is None:
        return ""
    return subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip().lstrip("v")


def versions() -> dict[str, str]:
    """Of everything that takes part, PostgreSQL excepted."""
    found = {"Python": platform.python_version(), **{name: version(name) for name in _PACKAGES}, "node": node_version()}
    for name in ("oidc-provider", "pg"):
        manifest = _NODE_PACKAGES / name / "package.json"
        if manifest.is_file():
            found[name] = json.loads(manifest.read_text(encoding="utf-8"))["version"]
    return {name: number for name, number in found.items() if number}


def hardware() -> dict[str, str]:
    """The processor, memory and kernel."""
    model = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.MULTILINE)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / _GIB
    return {
        "processor": model.group(1) if model else platform.machine(),
        "cores": str(cores()),
        "memory": f"{memory:.0f} GiB",
        "kernel": platform.release(),
    }
