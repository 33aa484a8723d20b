"""For the login page, which stands on the ground floor and knows applications by this tag's name only."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from django import template
from django.urls import reverse

from applications.models import Application

register = template.Library()


@register.simple_tag
def asking_application(next_url: str | None) -> Application | None:
    """The application that sent the person here, when ``next_url`` leads back to its authorization request.

    Only its name is shown: the authorization endpoint checks the request once the person is known.
    """
    try:
        parts = urlsplit(next_url or "")
    except ValueError:
        return None
    if parts.path != reverse("oauth2_provider:authorize"):
        return None
    named = parse_qs(parts.query).get("client_id", [])
    return Application.objects.filter(client_id=named[0]).first() if len(named) == 1 else None
