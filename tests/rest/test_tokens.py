"""Access tokens over REST."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from awx_oauth.activity.models import Activity
from tokens.models import AccessToken, RefreshToken
from tokens.services import issue_application_token, issue_personal_token

STARS = "*" * 12


@pytest.fixture
def application(make_application):
    return make_application(name="App")[0]


@pytest.fixture
def bearer(client):
    """A client that sends a token."""

    def make(token):
        return Client(headers={"Authorization": f"Bearer {token}"})

    return make


def test_the_shape_of_a_personal_token(api, admin):
    answer = api.post("/api/v2/tokens/", {"description": "mine", "application": None, "scope": "write"})
    assert answer.status_code == 201
    row = answer.json()
    assert " ".join(row) == (
        "id type url related summary_fields created modified description user token refresh_token application expires"
        " scope last_used"
    )
    assert row["type"] == "o_auth2_access_token"
    assert row["url"] == f"/api/v2/tokens/{row['id']}/"
    assert row["related"] == {
        "user": f"/api/v2/users/{admin.pk}/",
        "activity_stream": f"/api/v2/tokens/{row['id']}/activity_stream/",
    }
    assert row["summary_fields"] == {
        "user": {"id": admin.pk, "username": "admin", "first_name": "", "last_name": ""},
        "user_capabilities": {"edit": True, "delete": True},
    }
    assert (row["user"], row["application"], row["refresh_token"], row["last_used"]) == (admin.pk, None, None, None)
    shown = api.get(row["url"]).json()
    assert shown == {**row, "token": STARS}


def test_a_client_that_could_not_refresh_gets_no_refresh_token(api, admin, make_application):
    machine, _secret = make_application(authorization_grant_type="client-credentials", redirect_uris="")
    row = api.post("/api/v2/tokens/", {"application": machine.pk}).json()
    assert (row["application"], row["refresh_token"]) == (machine.pk, None)
    assert api.get(row["url"]).json()["refresh_token"] is None


def test_the_shape_of_an_application_token(api, application):
    row = api.post("/api/v2/tokens/", {"application": application.pk}).json()
    assert row["related"]["application"] == f"/api/v2/applications/{application.pk}/"
    assert row["summary_fields"]["application"] == {"id": application.pk, "name": "App"}
    assert row["scope"] == "write"
    assert row["refresh_token"] not in {None, STARS}
    shown = api.get(row["url"]).json()
    assert (shown["token"], shown["refresh_token"]) == (STARS, STARS)


def test_both_work(api, bearer, client, driver_for, admin):
    driver = driver_for(authorization_grant_type="password")
    row = api.post("/api/v2/tokens/", {"application": driver.application.pk}).json()
    assert bearer(row["token"]).get("/api/v2/me/").status_code == 200
    refreshed = driver.token(grant_type="refresh_token", refresh_token=row["refresh_token"])
    assert refreshed.status_code == 200
    assert bearer(row["token"]).get("/api/v2/me/").status_code == 401


def test_a_value_is_in_no_other_answer_and_not_in_the_log(api, application):
    row = api.post("/api/v2/tokens/", {"application": application.pk}).json()
    paths = ("/api/v2/tokens/", row["url"], "/api/v2/activity_stream/", f"/api/v2/applications/{application.pk}/")
    seen = "".join(api.get(path).content.decode() for path in paths)
    seen += api.patch(row["url"], {"scope": "read"}).content.decode()
    seen += str(list(Activity.objects.values()))
    assert row["token"] not in seen
    assert row["refresh_token"] not in seen


def test_change(api, application):
    row = api.post("/api/v2/tokens/", {}).json()
    changed = api.patch(
        row["url"],
        {"scope": "read", "description": "new", "application": application.pk, "user": 1, "expires": "2099-01-01"},
    ).json()
    assert (changed["scope"], changed["description"]) == ("read", "new")
    assert {key: changed[key] for key in ("application", "user", "expires")} == {
        key: row[key] for key in ("application", "user", "expires")
    }
    assert api.put(row["url"], {"description": "again"}).json()["scope"] == "read"  # not what a new one would have


def test_deletion_ends_the_refresh_token_too(api, bearer, application):
    row = api.post("/api/v2/tokens/", {"application": application.pk}).json()
    assert api.delete(row["url"]).status_code == 204
    assert bearer(row["token"]).get("/api/v2/me/").status_code == 401
    assert not RefreshToken.objects.filter(revoked=None).exists()


@pytest.mark.parametrize("verb", ["post", "put", "patch", "delete"])
@pytest.mark.parametrize("path", ["users", "organizations", "applications", "tokens"])
def test_a_read_token_writes_nowhere_whoever_has_it(admin, bearer, verb, path):
    _token, cleartext = issue_personal_token(user=admin, scope="read")
    client = bearer(cleartext)
    path = f"/api/v2/{path}/" if verb == "post" else f"/api/v2/{path}/1/"
    answer = getattr(client, verb)(path, {}, content_type="application/json")
    assert answer.status_code == 403
    assert 'error="insufficient_scope"' in answer["WWW-Authenticate"]
    assert client.get("/api/v2/users/").status_code == 200


def test_a_read_token_cannot_make_itself_a_write_token(admin, bearer):
    token, cleartext = issue_personal_token(user=admin, scope="read")
    path = "/api/v2/users/admin/personal_tokens/"
    assert bearer(cleartext).post(path, {}, content_type="application/json").status_code == 403
    url = f"/api/v2/tokens/{token.pk}/"
    assert bearer(cleartext).patch(url, {"scope": "write"}, content_type="application/json").status_code == 403


def test_a_write_token_reads_and_writes(admin, bearer):
    client = bearer(issue_personal_token(user=admin, scope="write")[1])
    assert client.get("/api/v2/users/").status_code == 200
    assert client.post("/api/v2/tokens/", {}, content_type="application/json").status_code == 201


def test_a_personal_token_may_ask_for_less_time(api):
    soon = timezone.now() + timedelta(hours=1)
    row = api.post("/api/v2/tokens/", {"expires": soon.isoformat()}).json()
    assert abs(datetime.fromisoformat(row["expires"]) - soon) < timedelta(seconds=5)


def test_and_never_gets_more(api, settings):
    with time_machine.travel(datetime(2030, 1, 1, tzinfo=UTC), tick=False):
        default = api.post("/api/v2/tokens/", {}).json()["expires"]
        assert default == "2031-01-01T00:00:00Z"
        assert api.post("/api/v2/tokens/", {"expires": "2099-01-01T00:00:00Z"}).json()["expires"] == default
        assert api.post("/api/v2/tokens/", {"expires": None}).json()["expires"] == default


def test_an_expired_token_is_refused(api, bearer):
    soon = timezone.now() + timedelta(hours=1)
    token = api.post("/api/v2/tokens/", {"expires": soon.isoformat()}).json()["token"]
    assert bearer(token).get("/api/v2/me/").status_code == 200
    with time_machine.travel(soon + timedelta(seconds=1)):
        assert bearer(token).get("/api/v2/me/").status_code == 401


def test_an_application_token_cannot_ask_for_less(api, application):
    soon = (timezone.now() + timedelta(hours=1)).isoformat()
    answer = api.post("/api/v2/tokens/", {"application": application.pk, "expires": soon})
    assert (answer.status_code, list(answer.json())) == (400, ["expires"])


def test_a_request_with_a_token_costs_one_query(api, bearer, django_assert_num_queries):
    client = bearer(api.post("/api/v2/tokens/", {}).json()["token"])
    client.get("/api/v2/me/")  # notes that the token was used
    with django_assert_num_queries(1):
        client.get("/api/v2/me/")


def test_last_used_is_shown_and_can_be_filtered(api, bearer):
    row = api.post("/api/v2/tokens/", {}).json()
    assert api.get("/api/v2/tokens/?last_used__isnull=true").json()["count"] == 1
    bearer(row["token"]).get("/api/v2/me/")
    assert api.get(row["url"]).json()["last_used"] is not None
    assert api.get("/api/v2/tokens/?last_used__gt=2020-01-01T00:00:00Z").json()["count"] == 1


class TestSublists:
    """Each shows its parent's tokens, where AWX shows the caller's."""

    @pytest.fixture
    def ids(self, api, api_as, alice, bob, application):
        self.api, self.alice = api, alice
        made = {}
        for user in (alice, bob):
            made[user.username, "personal"] = issue_personal_token(user=user, scope="write")[0].pk
            made[user.username, "granted"] = issue_application_token(user=user, application=application, scope="write")[
                0
            ].pk
        return made

    def listed(self, path):
        return [row["id"] for row in self.api.get(path).json()["results"]]

    def test_of_a_user(self, ids, alice):
        path = f"/api/v2/users/{alice.pk}"
        assert self.listed(f"{path}/tokens/") == [ids["alice", "personal"], ids["alice", "granted"]]
        assert self.listed(f"{path}/personal_tokens/") == [ids["alice", "personal"]]
        assert self.listed(f"{path}/authorized_tokens/") == [ids["alice", "granted"]]

    def test_of_an_application(self, ids, application):
        assert self.listed(f"/api/v2/applications/{application.pk}/tokens/") == [
            ids["alice", "granted"],
            ids["bob", "granted"],
        ]

    def test_posts(self, api_as, alice, application):
        client = api_as(alice)
        path = f"/api/v2/users/{alice.pk}"
        assert client.post(f"{path}/personal_tokens/", {"application": 7}).json()["application"] is None
        granted = client.post(f"{path}/authorized_tokens/", {"application": application.pk}).json()
        assert granted["application"] == application.pk
        assert client.post(f"/api/v2/applications/{application.pk}/tokens/", {"application": 7}).json()[
            "application"
        ] == (application.pk)

    @pytest.mark.parametrize(
        ("body", "message"),
        [({}, "This field is required."), ({"application": None}, "This field may not be null.")],
    )
    def test_an_authorized_token_needs_an_application(self, api_as, alice, body, message):
        answer = api_as(alice).post(f"/api/v2/users/{alice.pk}/authorized_tokens/", body)
        assert (answer.status_code, answer.json()) == (400, {"application": [message]})

    def test_nobody_makes_a_token_for_another(self, api, alice):
        assert api.post(f"/api/v2/users/{alice.pk}/personal_tokens/", {}).status_code == 403
        assert not AccessToken.objects.exists()


@pytest.mark.parametrize("number", [1, 20])
def test_a_list_costs_as_much_with_one_row_as_with_many(api, alice, application, number, django_assert_num_queries):
    for _ in range(number):
        issue_application_token(user=alice, application=application, scope="read")
        issue_personal_token(user=alice, scope="read")
    with django_assert_num_queries(2):  # the count, the rows
        api.get("/api/v2/tokens/")
    with django_assert_num_queries(3):  # the user
        api.get(f"/api/v2/users/{alice.pk}/tokens/")
