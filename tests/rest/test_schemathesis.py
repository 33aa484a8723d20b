"""The REST API keeps to its OpenAPI document, whatever it is asked: schemathesis makes requests up, good and bad."""

from __future__ import annotations

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from awx_oauth.openapi import document
from tests import secrets_in_logs
from tokens.services import issue_personal_token

KEPT = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
BOUNDED = settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck), database=None)

DOCUMENT = schemathesis.openapi.from_dict(document())
DOCUMENT.app = get_wsgi_application()
DOCUMENT.config.phases.update(phases=["examples", "fuzzing"])
API = DOCUMENT.include(path_regex=r"^/api/(v2/.*)?$")


@pytest.fixture
def _made_up_passwords(monkeypatch):
    """Those are no secrets: the same text may be made up as an address, which is logged."""
    monkeypatch.setattr(secrets_in_logs, "learn_password", lambda _password: None)


@pytest.fixture
def _one_connection():
    """Django's test client does the same: a request must not close the connection of the test's transaction."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture(params=["superuser", "member"])
def bearer(request, world, _made_up_passwords, _one_connection):
    """Somebody's token, and rows that they may or may not touch."""
    user = world.users[request.param]
    world.headers = {"Authorization": f"Bearer {issue_personal_token(user=user, scope='write')[1]}"}
    return world


@BOUNDED
@API.parametrize()
def test_every_answer_is_one_that_the_document_promises(case, bearer):
    names = bearer.names()
    there = {
        "organizations": names["organization"],
        "users": names["target"],
        "applications": names["application"],
        "tokens": names["application_token"],
        "activity_stream": names["application_entry"],
    }
    if "id" in (case.path_parameters or {}) and len(str(case.path_parameters["id"])) % 4:
        case.path_parameters["id"] = there[case.path.split("/")[3]]  # made-up ones are never there
    with transaction.atomic():
        case.call_and_validate(headers=bearer.headers, checks=KEPT)
        transaction.set_rollback(True)
