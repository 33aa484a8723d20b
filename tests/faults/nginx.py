"""nginx with the configuration that docs/scaling.md gives, on a port of its own."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from tests.servers import ROOT, Server, free_port, wait_until_it_answers

_EXAMPLE = ROOT / "docs" / "examples" / "nginx.conf"
_MAIN = """
daemon off;
pid {home}/nginx.pid;
error_log stderr;
events {{}}
http {{
    access_log off;
    client_body_temp_path {home}/body;
    proxy_temp_path {home}/proxy;
    fastcgi_temp_path {home}/fastcgi;
    uwsgi_temp_path {home}/uwsgi;
    scgi_temp_path {home}/scgi;
    include {home}/awx-oauth.conf;
}}
"""


@contextmanager
def before(program: str, nodes: Sequence[Server], home: Path) -> Iterator[Server]:
    """The service as clients see it through nginx."""
    port = free_port()
    (home / "awx-oauth.conf").write_text(_example(nodes, port))
    (home / "nginx.conf").write_text(_MAIN.format(home=home))
    process = subprocess.Popen([program, "-p", home, "-e", "stderr", "-c", home / "nginx.conf"])
    try:
        front = replace(nodes[0], base_url=f"http://127.0.0.1:{port}", process=process)
        wait_until_it_answers(front)
        yield front
    finally:
        process.terminate()
        process.wait()


def _example(nodes: Sequence[Server], port: int) -> str:
    """The example without its certificate, and with addresses of this machine."""
    text = _EXAMPLE.read_text()
    for number, node in enumerate(nodes):
        text = _replaced(rf"10\.0\.0\.1{number + 1}:8013", "{}:{}".format(*node.address), text)
    text = _replaced("443 ssl", f"127.0.0.1:{port}", text)
    return _replaced(r" *ssl_certificate(_key)? .*\n", "", text, times=2)


def _replaced(pattern: str, replacement: str, text: str, *, times: int = 1) -> str:
    text, found = re.subn(pattern, replacement, text)
    assert found == times, f"{_EXAMPLE} has {pattern} {found} times"
    return text
