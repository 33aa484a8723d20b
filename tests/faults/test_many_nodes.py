"""Two nodes on one database with one cache: what one of them does, the other knows; and nobody sees one restart."""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections import Counter

import pytest

from tests.cast import CLIENT_CREDENTIALS, CODE, PASSWORD, PASSWORD_GRANT, RESOURCE_SERVER, Cast
from tests.faults import audit, nginx
from tests.faults.conftest import NODE
from tests.faults.traffic import Traffic
from tests.servers import serving_on
from tests.wire import Wire, at_once, tokens_in

pytestmark = pytest.mark.faults

PARALLEL = 20
LIMIT = 6


@pytest.fixture
def cache_url(request):
    """The table in the database, or Redis where a test asks for that."""
    if getattr(request, "param", "db") == "redis":
        return request.getfixturevalue("redis").url
    return "db://awx_oauth_cache"


@pytest.fixture
def nodes(cluster, cache_url):
    env = NODE | {"CACHE_URL": cache_url, "TRUSTED_PROXIES": "127.0.0.1", "WEB_CONCURRENCY": "2"}
    env |= {"FAILED_SECRETS_PER_CLIENT_AND_ADDRESS": str(LIMIT)}
    with serving_on(cluster.url, **env) as one, serving_on(cluster.url, **env) as other:
        yield one, other


@pytest.fixture
def front(nodes, tmp_path):
    """Both, through nginx."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None:
        pytest.skip("nodes behind a load balancer need nginx, which is not installed")
    with nginx.before(program, nodes, tmp_path) as server:
        yield server


def log_in(wire, client, user):
    answer = wire.token(client, grant_type="password", username=user.username, password=PASSWORD)
    assert answer.status == 200
    return answer.json()


def test_what_one_node_does_the_other_knows_at_once(nodes):
    one, other = nodes
    cast = Cast(one)
    user, resource_server = cast.user(), cast.client(**RESOURCE_SERVER)
    code_client, client = cast.client(**CODE), cast.client(**PASSWORD_GRANT)

    # A session of one node and a code of the other
    user.log_in()
    user.base_url = other.base_url
    code = user.code(code_client.client_id)
    with Wire(one) as here, Wire(other) as there:
        answer = here.token(code_client, grant_type="authorization_code", code=code)
        assert answer.status == 200
        given = answer.json()
        assert there.me(given["access_token"]).status == 200
        replay = there.token(code_client, grant_type="authorization_code", code=code)
        assert replay.outcome == (400, "invalid_grant")
        assert here.me(given["access_token"]).status == 401

        # Revocation
        for token in ("access_token", "refresh_token"):
            given = log_in(here, client, user)
            assert there.introspect(resource_server, given["access_token"])["active"]
            assert here.revoke(client, given[token]).status == 200
            assert not there.introspect(resource_server, given["access_token"])["active"]
            assert there.refresh(client, given["refresh_token"]).outcome == (400, "invalid_grant")

        # A user who may not log in any longer
        given = log_in(here, client, user)
        assert there.me(given["access_token"]).status == 200
        cast.rest("PATCH", f"users/{user.pk}/", is_active=False)
        assert there.me(given["access_token"]).status == 401
        assert there.refresh(client, given["refresh_token"]).outcome == (400, "invalid_grant")

        # A client with a new secret, and one that is gone
        machine = cast.client(**CLIENT_CREDENTIALS)
        assert there.token(machine, grant_type="client_credentials").status == 200
        secret = one.python(
            f"""
from applications.models import Application
from applications.services import rotate_secret
result = rotate_secret(Application.objects.get(pk={machine.pk}))
"""
        )
        assert there.token(machine, grant_type="client_credentials").outcome == (401, "invalid_client")
        machine = machine._replace(secret=secret)
        token = there.token(machine, grant_type="client_credentials").json()["access_token"]
        cast.rest("DELETE", f"applications/{machine.pk}/")
        assert there.token(machine, grant_type="client_credentials").outcome == (401, "invalid_client")
        assert not there.introspect(resource_server, token)["active"]


def test_of_many_uses_of_one_refresh_token_at_both_nodes_one_wins(nodes):
    one, other = nodes
    cast = Cast(one)
    user, client, resource_server = cast.user(), cast.client(**PASSWORD_GRANT), cast.client(**RESOURCE_SERVER)
    for _ in range(5):
        with Wire(one) as wire:
            first = log_in(wire, client, user)

        def here(wire, first=first):
            return wire.refresh(client, first["refresh_token"])

        def there(_wire, first=first):
            with Wire(other) as wire:
                return wire.refresh(client, first["refresh_token"])

        answers = at_once(one, [here, there] * (PARALLEL // 2))
        outcomes = Counter(answer.outcome for answer in answers)
        assert outcomes == {(200, None): 1, (400, "invalid_grant"): PARALLEL - 1}
        with Wire(other) as wire:
            live = [wire.introspect(resource_server, token)["active"] for token in tokens_in(answers)]
        assert live == [False, False]


@pytest.mark.parametrize("cache_url", ["db", "redis"], indirect=True)
def test_failures_at_both_nodes_count_together(nodes):
    client = Cast(nodes[0]).client(**CLIENT_CREDENTIALS)
    wrong = client._replace(secret="wrong")
    with Wire(nodes[0]) as here, Wire(nodes[1]) as there:
        for _ in range(LIMIT // 2):
            assert here.token(wrong, grant_type="client_credentials").outcome == (401, "invalid_client")
            assert there.token(wrong, grant_type="client_credentials").outcome == (401, "invalid_client")
        assert here.token(wrong, grant_type="client_credentials").status == 429
        assert there.token(wrong, grant_type="client_credentials").status == 429


def test_a_rolling_restart_fails_no_request(nodes, front):
    traffic = Traffic(front)
    with traffic.running():
        for node in nodes:
            node.stop()
            node.start()
            time.sleep(3)  # until nginx asks it again: fail_timeout, which it counts in whole seconds
        for node in nodes:  # new workers, same master
            os.kill(node.pid, signal.SIGHUP)
            time.sleep(1)
    assert traffic.troubles == []
    audit.check(traffic)
