"""That the audit finds what it is there for: tables that somebody has tampered with."""

from __future__ import annotations

from contextlib import closing

import pytest

from tests.faults import audit
from tests.faults.conftest import NODE
from tests.faults.traffic import Traffic
from tests.servers import connect, serving_on

pytestmark = pytest.mark.faults

LAST_MACHINE_TOKEN = "(SELECT max(id) FROM tokens_accesstoken WHERE token_family IS NULL)"
LAST_ENDED = "(SELECT max(id) FROM tokens_refreshtoken WHERE revoked IS NOT NULL)"


@pytest.mark.parametrize(
    ("tampering", "finding"),
    [
        (f"DELETE FROM tokens_accesstoken WHERE id = {LAST_MACHINE_TOKEN}", "one that is live"),
        (f"UPDATE tokens_refreshtoken SET revoked = NULL WHERE id = {LAST_ENDED}", "a live refresh token without"),
        ("DELETE FROM activity_activity WHERE event = 'token:refreshed'", "without their entries"),
        ("UPDATE tokens_grant SET used = NULL", "a code that was not spent"),
    ],
)
def test_what_was_lost_or_came_back_is_found(tmp_path, tampering, finding):
    with serving_on(f"sqlite://{tmp_path / 'db.sqlite3'}", **NODE) as server:
        traffic = Traffic(server)
        with traffic.running(seconds=0.3):
            pass
        assert traffic.troubles == []
        audit.check(traffic)
        with closing(connect(server.database_url)) as connection:
            connection.execute(tampering)
        with pytest.raises(AssertionError, match=finding):
            audit.check(traffic)
