"""The query language of lists."""

from __future__ import annotations

import pytest
from django.db import connection

from applications.services import create_application
from awx_oauth.accounts.models import Organization, User
from awx_oauth.accounts.services import add_member
from tokens.services import issue_application_token, issue_personal_token


@pytest.fixture
def names(api, organization):
    """Ask for a list; give the names in it."""

    def ask(path, query):
        answer = api.get(f"/api/v2/{path}/?{query}")
        assert answer.status_code == 200, answer.content
        key = {"users": "username", "tokens": "description"}.get(path, "name")
        return [row[key] for row in answer.json()["results"]]

    return ask


@pytest.fixture
def applications(organization):
    other = Organization.objects.create(name="Other", description="the second")

    def make(name, organization, grant_type="password", description=""):
        return create_application(
            name=name,
            organization=organization,
            description=description,
            client_type="public",
            authorization_grant_type=grant_type,
        )[0]

    return [
        make("alpha", organization, description="first"),
        make("beta", organization),
        make("gamma", other, description="First of Other"),
    ]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("name=alpha", "alpha"),
        ("name__exact=alpha", "alpha"),
        ("name__iexact=ALPHA", "alpha"),
        ("name__contains=a", "alpha beta gamma"),
        ("name__icontains=ET", "beta"),
        ("name__startswith=al", "alpha"),
        ("name__istartswith=AL", "alpha"),
        ("name__endswith=ta", "beta"),
        ("name__iendswith=TA", "beta"),
        ("name__regex=^.e", "beta"),
        ("name__iregex=^B", "beta"),
        ("name__gt=beta", "gamma"),
        ("name__lte=beta", "alpha beta"),
        ("name__in=alpha,gamma", "alpha gamma"),
        ("name=alpha&name=beta", ""),
        ("description__isnull=false&name=beta", "beta"),
        ("created__gt=2020-01-01T00:00:00Z", "alpha beta gamma"),
        ("modified__lt=2020-01-01", ""),
        ("skip_authorization=false", "alpha beta gamma"),
        ("skip_authorization=True", ""),
        ("organization__name=Other", "gamma"),
        ("organization__description__icontains=SECOND", "gamma"),
        ("organization__search=second", "gamma"),
        ("organization__search=other,second", "gamma"),
        ("organization__isnull=true", ""),
        ("or__name=alpha&or__name=gamma", "alpha gamma"),
        ("or__name=alpha&or__not__description=", "alpha gamma"),
        ("not__name=alpha", "beta gamma"),
        ("not__organization__name=Other", "alpha beta"),
        ("chain__name__contains=a&chain__name__contains=e", "beta"),
        ("chain__not__name=alpha", "beta gamma"),
        ("id__int=0", ""),
        ("search=first", "alpha gamma"),
        ("search=first other", "gamma"),
        ("type=o_auth2_application", "alpha beta gamma"),
        ("type=organization", ""),
        ("type=organization,o_auth2_application", "alpha beta gamma"),
        ("role_level=admin_role", "alpha beta gamma"),
        ("order_by=-name", "gamma beta alpha"),
        ("order=-name", "gamma beta alpha"),
        ("order_by=-organization__name,name", "gamma alpha beta"),
        ("order_by=type,-name", "gamma beta alpha"),
        ("order_by=-modified", "gamma beta alpha"),
        ("order_by=", "alpha beta gamma"),
    ],
)
def test_applications(names, applications, query, expected):
    assert names("applications", query) == expected.split()


def test_ids_and_foreign_keys(names, applications):
    alpha, _beta, gamma = applications
    assert names("applications", f"id={alpha.pk}") == ["alpha"]
    assert names("applications", f"pk__in={alpha.pk},{gamma.pk}") == ["alpha", "gamma"]
    assert names("applications", f"organization={gamma.organization_id}") == ["gamma"]
    assert names("applications", f"organization__id__gte={gamma.organization_id}") == ["gamma"]
    # What the collection's application module asks when its name is a number
    assert names("applications", f"organization={alpha.organization_id}&or__id=42&or__name=42") == []


def test_null_foreign_keys(names, admin, applications):
    issue_personal_token(user=admin, scope="write", description="personal")
    issue_application_token(user=admin, application=applications[0], scope="write", description="granted")
    assert names("tokens", "application=null") == ["personal"]
    assert names("tokens", "application__isnull=true") == ["personal"]
    assert names("tokens", "application__isnull=false") == ["granted"]
    assert names("tokens", "not__application=None") == ["granted"]
    assert names("tokens", "application__organization__name=Default") == ["granted"]
    assert names("tokens", "last_used__isnull=true&user__username=admin") == ["personal", "granted"]
    assert names("tokens", "last_used__lt=2020-01-01") == []


def test_many_valued_relations(names, applications):
    # Both of one application; then each of some application
    assert names("organizations", "applications__name=alpha&applications__description=first") == ["Default"]
    assert names("organizations", "applications__name=beta&applications__description=first") == []
    assert names("organizations", "chain__applications__name=beta&chain__applications__description=first") == [
        "Default"
    ]
    assert names("organizations", "applications__name__contains=a") == ["Default", "Other"]
    assert names("organizations", "not__applications__name=gamma") == ["Default"]
    assert names("organizations", "applications__isnull=true") == []


def test_members_of_an_organization(names, organization, alice):
    assert names("users", "organizations__name=Default") == ["alice"]
    assert names("users", f"organizations={organization.pk}") == ["alice"]
    assert names("users", "organizations__isnull=true") == ["admin"]
    assert names("organizations", "members__username=alice") == ["Default"]


@pytest.mark.parametrize(
    ("path", "query", "name"),
    [
        ("users", "password__startswith=a", "password"),
        ("users", "not__password=x", "password"),
        ("users", "order_by=password", "password"),
        ("users", "order_by=first_name,-password", "password"),
        ("tokens", "token=x", "token"),
        ("tokens", "token_checksum__regex=^a", "token_checksum"),
        ("tokens", "refresh_token=x", "refresh_token"),
        ("tokens", "token_family__isnull=true", "token_family"),
        ("tokens", "user__password__startswith=a", "password"),
        ("tokens", "application__client_secret__gt=a", "client_secret"),
        ("tokens", "order_by=application__client_secret", "client_secret"),
        ("applications", "client_id=x", "client_id"),
        ("applications", "or__client_secret__startswith=x", "client_secret"),
        ("applications", "chain__not__client_secret=x", "client_secret"),
        ("applications", "client_secret__int=1", "client_secret"),
        ("applications", "accesstoken__token_checksum__startswith=a", "token_checksum"),
        ("applications", "accesstoken__user__password__startswith=a", "password"),
        ("applications", "grant__code_checksum__startswith=a", "code_checksum"),
        ("applications", "devicegrant__user_code__startswith=a", "user_code"),
        ("applications", "grant__redirect_uri=x", "grant"),
        ("applications", "refreshtoken__scope=x", "refreshtoken"),
        ("applications", "refreshtoken__search=x", "refreshtoken"),
        ("organizations", "applications__client_secret=x", "client_secret"),
        ("organizations", "members__password__startswith=a", "password"),
        ("users", "logentry__object_repr=x", "logentry"),
        ("users", "groups__permissions__codename=x", "groups"),
        ("activity_stream", "actor__password__startswith=a", "password"),
        ("activity_stream", "remote_address__startswith=10", "remote_address"),
    ],
)
def test_secrets_cannot_be_filtered(api, path, query, name):
    answer = api.get(f"/api/v2/{path}/?{query}")
    assert (answer.status_code, answer.json()) == (403, {"detail": f"Filtering on {name} is not allowed."})


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("nothing=1", "has no field named 'nothing'"),
        ("nothing__name=1", "has no field named 'nothing'"),
        ("name__nothing=1", "No related model for field nothing."),
        ("created__year=2020", "No related model for field year."),
        ("organization__applications__organization__name=x", "Loops not allowed in filters"),
        ("id=x", "must be an integer"),
        ("id=", "must be an integer"),
        ("id=99999999999999999999", "out of range"),
        ("id__in=1,99999999999999999999", "out of range"),
        ("id__gt=-99999999999999999999", "out of range"),
        ("organization=99999999999999999999", "out of range"),
        ("organization=x", "must be an integer"),
        ("id__in=", "cannot provide empty value for __in"),
        ("id__iexact=1", "is not a text field"),
        ("name__regex=(", "Invalid regular expression"),
        ("name__search=x", "name is not searchable"),
        ("skip_authorization=maybe", 'Unable to convert "maybe" to boolean'),
        ("name__isnull=maybe", 'Unable to convert "maybe" to boolean'),
        ("created__gt=yesterday", "invalid format"),
        ("organization__icontains=1", "Unsupported lookup 'icontains'"),
        ("order_by=nothing", "has no field named 'nothing'"),
        ("order_by=organization__nothing", "has no field named 'nothing'"),
        ("order_by=organization__members__username", "has many values"),
        ("order_by=name%00", "Null characters"),
        ("name=a%00", "Null characters"),
        ("name%00=a", "Null characters"),
        ("created__gt=0001-01-01T00:00:00%2B14:00", "out of range"),
        ("na%C3%AFve=1", "Must be ascii encodable"),
        ("search=a%00", "Null characters"),
        ("__=1", "has no field named"),
        ("not__=1", "has no field named"),
        ("__exact=1", "has no field named"),
        ("or__not__=1", "has no field named"),
    ],
)
def test_nonsense_is_400_with_a_reason(api, query, reason):
    answer = api.get(f"/api/v2/applications/?{query}")
    assert answer.status_code == 400, answer.content
    assert reason in str(answer.json())


@pytest.mark.parametrize("query", ["changes__name=x", "changes__contains=x", "changes={}"])
def test_changes_can_be_looked_through_as_text_only(api, query):
    assert api.get(f"/api/v2/activity_stream/?{query}").status_code == 400
    assert api.get("/api/v2/activity_stream/?changes__icontains=default").status_code == 200


@pytest.mark.parametrize("pattern", [r"(?P<a>x)", r"(?=x)x", r"\d{1001}", r"\Ax\Z"])
def test_a_pattern_that_the_database_does_not_know_is_no_server_error(api, applications, pattern):
    assert api.get("/api/v2/applications/", {"name__regex": pattern}).status_code in {200, 400}


@pytest.mark.parametrize("lookup", ["regex", "iregex"])
def test_on_sqlite_not_everybody_may_keep_pythons_engine_busy(api_as, applications, alice, admin, lookup):
    query = f"/api/v2/applications/?name__{lookup}=^(a%2B)%2B$"
    assert api_as(alice).get(query).status_code == (403 if connection.vendor == "sqlite" else 200)
    assert api_as(admin).get(query).status_code == 200


@pytest.mark.parametrize(
    ("query", "seen"),
    [
        ("accesstoken__description__startswith=s", False),
        ("accesstoken__description__startswith=m", True),
        ("not__accesstoken__description__startswith=s", True),
        ("accesstoken__search=secret", False),
        ("accesstoken__search=mine", True),
        ("accesstoken__isnull=true", False),
        ("accesstoken__user__username=bob", False),
    ],
)
def test_a_filter_sees_no_row_that_the_caller_cannot_read(api_as, organization, applications, alice, bob, query, seen):
    """Alice is a member: she reads the application and her own token for it, not Bob's."""
    issue_application_token(user=bob, application=applications[0], scope="write", description="secret")
    issue_application_token(user=alice, application=applications[0], scope="write", description="mine")
    rows = api_as(alice).get(f"/api/v2/applications/?name=alpha&{query}").json()["results"]
    assert bool(rows) == seen


def test_not_even_whether_there_is_one(api_as, organization, applications, alice, bob):
    issue_application_token(user=bob, application=applications[0], scope="write")
    client = api_as(alice)
    assert client.get("/api/v2/applications/?name=alpha&accesstoken__isnull=true").json()["count"] == 1
    assert client.get("/api/v2/applications/?name=alpha&accesstoken__isnull=false").json()["count"] == 0


def test_a_row_is_listed_once_however_often_it_matches(api, organization, alice):
    for name in ("one", "two"):
        user = User.objects.create_user(name)
        add_member(organization=organization, user=user, role="member")
        add_member(organization=organization, user=user, role="admin")
    assert api.get("/api/v2/organizations/?members__is_active=true").json()["count"] == 1
