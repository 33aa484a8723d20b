"""The REST API's cast: one person of each kind, and things that they may or may not touch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from rest_framework.test import APIClient

from applications.models import Application
from applications.services import create_application
from awx_oauth.accounts.models import Membership, Organization, User
from awx_oauth.activity.models import Activity
from tokens.models import AccessToken
from tokens.services import issue_application_token, issue_personal_token

ROLES = ("superuser", "system_auditor", "admin", "auditor", "member", "owner", "stranger", "anonymous")


class Json(APIClient):
    """Sends JSON unless told otherwise."""

    default_format = "json"

    def __init__(self, user: User | None = None) -> None:
        super().__init__()
        if user is not None:
            self.force_authenticate(user)


@dataclass
class World:
    """Who and what there is. ``owner`` belongs to no organization but has both kinds of token."""

    users: dict[str, User]
    organization: Organization
    other: Organization
    target: User
    application: Application
    application_token: AccessToken
    personal_token: AccessToken

    def as_(self, role: str) -> Json:
        return Json(self.users.get(role))

    def names(self) -> dict[str, Any]:
        """What URL templates may name."""
        return {
            "organization": self.organization.pk,
            "target": self.target.pk,
            "owner": self.users["owner"].pk,
            "stranger": self.users["stranger"].pk,
            "application": self.application.pk,
            "application_token": self.application_token.pk,
            "personal_token": self.personal_token.pk,
            "application_entry": Activity.objects.filter(object_type="o_auth2_application").latest("pk").pk,
            "personal_entry": Activity.objects.get(
                object_type="o_auth2_access_token", object_id=self.personal_token.pk
            ).pk,
        }


@pytest.fixture
def world(organization: Organization) -> World:
    def user(name: str, role: str | None = None, **fields: Any) -> User:
        made = User.objects.create_user(name, f"{name}@example.com", None, **fields)
        if role is not None:
            Membership.objects.create(organization=organization, user=made, role=role)
        return made

    users = {
        "superuser": user("superuser", is_superuser=True),
        "system_auditor": user("system_auditor", is_system_auditor=True),
        "admin": user("orgadmin", Membership.Role.ADMIN),
        "auditor": user("orgauditor", Membership.Role.AUDITOR),
        "member": user("orgmember", Membership.Role.MEMBER),
        "owner": user("owner"),
        "stranger": user("stranger"),
    }
    application, _secret = create_application(
        name="app", organization=organization, client_type="confidential", authorization_grant_type="password"
    )
    return World(
        users=users,
        organization=organization,
        other=Organization.objects.create(name="Other"),
        target=user("target", Membership.Role.MEMBER),
        application=application,
        application_token=issue_application_token(user=users["owner"], application=application, scope="write")[0],
        personal_token=issue_personal_token(user=users["owner"], scope="write")[0],
    )


@pytest.fixture
def api(admin: User) -> Json:
    """A superuser."""
    return Json(admin)


@pytest.fixture
def api_as() -> Callable[[User | None], Json]:
    """Anyone."""
    return Json
