"""Holds the service to what it answered: each token that should live does, none that should be dead does, and the
tables hold nothing half-written.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPException

from tests.faults.traffic import Held, State, Traffic
from tests.servers import Server
from tests.wire import Client, Wire
from tokens import digests

_ASKING = 6  # connections
_ALL_WORKERS = 13  # requests at once: more than there are threads in all workers
_TRIED = 30

# Each finds what one transaction should have written together and did not
_HALF_WRITTEN = {
    "two live refresh tokens in one family": """
        SELECT token_family FROM tokens_refreshtoken WHERE revoked IS NULL GROUP BY token_family HAVING count(*) > 1""",
    "two access tokens in one family": """
        SELECT token_family FROM tokens_accesstoken WHERE token_family IS NOT NULL
        GROUP BY token_family HAVING count(*) > 1""",
    "a live refresh token without the access token it came with": """
        SELECT token_family FROM tokens_refreshtoken r WHERE revoked IS NULL AND NOT EXISTS (
            SELECT 1 FROM tokens_accesstoken a
            WHERE a.token_family = r.token_family AND a.token_checksum = r.access_token_checksum)""",
    "an access token of a family without the refresh token it came with": """
        SELECT token_family FROM tokens_accesstoken a WHERE token_family IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM tokens_refreshtoken r
            WHERE r.token_family = a.token_family AND r.access_token_checksum = a.token_checksum
            AND r.revoked IS NULL)""",
    "a spent code that gave no tokens": """
        SELECT token_family FROM tokens_grant g WHERE used IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM tokens_refreshtoken r WHERE r.token_family = g.token_family)""",
    "tokens of a code that was not spent": """
        SELECT token_family FROM tokens_grant g WHERE used IS NULL AND EXISTS (
            SELECT 1 FROM tokens_refreshtoken r WHERE r.token_family = g.token_family)""",
    "tokens without their entries in the audit log, or entries without their tokens": """
        SELECT a.client_id FROM applications_application a JOIN tokens_refreshtoken r ON r.application_id = a.id
        GROUP BY a.id, a.client_id HAVING count(*) <> (
            SELECT count(*) FROM activity_activity e
            WHERE e.client_id = a.client_id AND e.event IN ('token:issued', 'token:refreshed'))""",
}


@dataclass
class _Family:
    live: int = 0
    checksums: set[str] = field(default_factory=set)


def recovery(server: Server, client: Client, *, within: float) -> float:
    """Wait until every worker serves, and fail when that takes longer than ``within`` seconds. Returns the moment."""

    def status(_number: int) -> int:
        try:
            with Wire(server) as wire:
                return wire.token(client, grant_type="client_credentials").status
        except (OSError, HTTPException):
            return 0

    began = time.monotonic()
    with ThreadPoolExecutor(_ALL_WORKERS) as pool:
        while (statuses := set(pool.map(status, range(_ALL_WORKERS)))) != {200}:
            assert time.monotonic() - began < within, f"{statuses} for {within} seconds after the cause was gone"
            time.sleep(0.05)
    return time.monotonic()


def check_outage(traffic: Traffic, back: float) -> None:
    """Fail where an outage was felt as anything but 503, or after the moment ``back`` when it was over; then check."""
    assert traffic.answers[503] > 0
    assert {trouble.status for trouble in traffic.troubles} == {503}
    assert traffic.troubles_after(back) == []
    check(traffic)


def check(traffic: Traffic) -> None:
    """Fail for each answer that was not kept, and for anything half-written."""
    assert not traffic.violations, "\n".join(sorted(set(traffic.violations))[:20])
    assert Counter(held.state for held in traffic.held)[State.LIVE] > 0
    half_written = {what: traffic.server.rows(sql) for what, sql in _HALF_WRITTEN.items()}
    found = {what: rows for what, rows in half_written.items() if rows}
    assert not found, found
    broken = [*_broken_by_introspection(traffic), *_live_successors_of_the_dead(traffic)]
    assert not broken, "\n".join(broken[:20])
    _try_the_last(traffic)


def _broken_by_introspection(traffic: Traffic) -> list[str]:
    """What is answered of every token that was ever given out, and should not be."""

    def ask(batch: list[Held]) -> list[str]:
        broken = []
        with Wire(traffic.server) as wire:
            for held in batch:
                spent, active = (
                    [wire.introspect(traffic.resource_server, token)["active"] for token in tokens]
                    for tokens in (held.spent, held.tokens)
                )
                if any(spent):
                    broken.append(f"a spent token of {held.client.client_id} is active")
                if set(active) not in _ALLOWED[held.state]:
                    broken.append(f"the tokens of one that is {held.state.value} are {active}")
        return broken

    with ThreadPoolExecutor(_ASKING) as pool:  # not one thread for all: there are thousands
        results = pool.map(ask, [traffic.held[start::_ASKING] for start in range(_ASKING)])
    return [each for result in results for each in result]


_ALLOWED = {State.LIVE: [{True}], State.ENDED: [{False}], State.IN_DOUBT: [{True}, {False}]}


def _live_successors_of_the_dead(traffic: Traffic) -> list[str]:
    """Families that their client ended, and where a refresh whose answer was lost left something alive."""
    families: defaultdict[str, _Family] = defaultdict(_Family)
    rows = traffic.server.rows("SELECT token_family, token_checksum, revoked FROM tokens_refreshtoken")
    for family, checksum, revoked in rows:
        families[family].checksums.add(checksum)
        families[family].live += revoked is None
    alive = {checksum for family in families.values() if family.live for checksum in family.checksums}
    ended = [held for held in traffic.held if held.state is State.ENDED and held.refresh_token]
    return [held.client.client_id for held in ended if digests.digest(held.refresh_token) in alive]


def _try_the_last(traffic: Traffic) -> None:
    """Use and refresh what was given out last, and so nearest to the fault."""
    live = [held for held in traffic.held if held.state is State.LIVE and held.refresh_token][-_TRIED:]
    with Wire(traffic.server) as wire:
        for held in live:
            assert wire.me(held.access_token).status == 200
            answer = wire.refresh(held.client, held.refresh_token)
            assert answer.status == 200
            held.renew(answer)
