"""PgBouncer between the service and PostgreSQL, with the configuration that docs/scaling.md gives."""

from __future__ import annotations

import re
import shutil
import subprocess
import time

import pytest

from tests import postgres
from tests.faults import audit
from tests.faults.conftest import NODE
from tests.faults.traffic import Traffic
from tests.servers import ADMIN, ROOT, free_port, serving_on

pytestmark = pytest.mark.faults

_EXAMPLE = ROOT / "docs" / "examples" / "pgbouncer.ini"


@pytest.fixture
def database(postgresql):
    """A cluster on a port: the example has one."""
    programs, home = postgresql
    cluster = postgres.Cluster(programs, home / "pooled", port=free_port())
    cluster.create()
    cluster.start()
    yield cluster
    cluster.stop()


@pytest.fixture
def pooled_url(database):
    """The database by way of PgBouncer, which has fewer sessions of it than the service has threads."""
    program = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
    if program is None:
        pytest.skip("a pool of connections needs pgbouncer, which is not installed")
    port = free_port()
    file = database.home / "pgbouncer.ini"
    users = database.home / "userlist.txt"
    users.write_text('"postgres" ""\n')
    text = _EXAMPLE.read_text()
    for pattern, replacement in [
        ("^awx_oauth = .*", f"postgres = host=127.0.0.1 port={database.port}"),
        (r"^listen_addr = .*", "listen_addr = 127.0.0.1\nunix_socket_dir ="),
        ("^listen_port = .*", f"listen_port = {port}"),
        ("^auth_type = .*", "auth_type = trust"),
        ("^auth_file = .*", f"auth_file = {users}"),
        ("^default_pool_size = .*", "default_pool_size = 3"),
    ]:
        text, found = re.subn(pattern, replacement, text, flags=re.MULTILINE)
        assert found == 1, pattern
    file.write_text(text)
    process = subprocess.Popen([program, "-q", file], **database.programs.account)
    yield f"postgres://postgres@127.0.0.1:{port}/postgres"
    process.kill()
    process.wait()


def test_a_pool_of_few_sessions_serves_every_thread_and_command(database, pooled_url):
    with serving_on(pooled_url, **NODE) as server:
        traffic = Traffic(server)
        with traffic.running():
            for _ in range(3):
                server.manage("bootstrap")
                server.manage("revoke_oauth2_tokens", "--user", ADMIN, "--all")
        assert traffic.troubles == []
        with traffic.running():
            database.stop()
            time.sleep(1)
            database.start()
            back = audit.recovery(server, traffic.machine, within=5)
        assert {trouble.status for trouble in traffic.troubles} == {503}
        assert traffic.troubles_after(back) == []
        audit.check(traffic)
