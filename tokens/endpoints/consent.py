"""What a person is shown before they allow a client, and how their question is kept until they answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.utils import timezone
from django.utils.timesince import timesince
from oauth2_provider.settings import oauth2_settings

from applications.models import Application
from awx_oauth import context
from awx_oauth.accounts.models import User
from tokens import scopes

_NEW = timedelta(days=7)


class StaleQuestionError(Exception):
    """The question is too old, or was put to somebody else. ``question`` is what to ask again."""

    def __init__(self, question: Any) -> None:
        super().__init__()
        self.question = question


def resource_owner(request: HttpRequest) -> User:
    """The person who is signed in; whoever calls this has made sure that somebody is."""
    return cast("User", request.user)


def page(request: HttpRequest, application: Application, *, scope: tuple[str, ...], question: Any, url: str) -> Any:
    """The context of a consent page: who asks, for what and for how long. ``url`` leads back to the page.

    The form carries ``question`` signed, for this person and for :data:`settings.AUTHORIZATION_REQUEST_SECONDS`; the
    answer is worked out from that alone, so it can neither be widened nor sent elsewhere.
    """
    sentences = scopes.known()
    now = timezone.now()
    return {
        "application": application,
        "scopes": [{"name": name, "description": sentences[name]} for name in scope],
        "lifetime": timesince(now, now + timedelta(seconds=oauth2_settings.ACCESS_TOKEN_EXPIRE_SECONDS)),
        "can_renew": True,
        "is_new": now - application.created < _NEW,
        "signed_request": signing.dumps((request.user.pk, question), salt=_salt(request)),
        "switch_account_url": f"{settings.LOGIN_URL}?{urlencode({'next': url})}",
    }


def read_question(request: HttpRequest) -> Any:
    """The question that the posted form answers.

    Raises :class:`StaleQuestionError`, or :class:`~django.core.signing.BadSignature` when we never asked it.
    """
    signed = request.POST.get("signed_request", "")
    salt = _salt(request)
    user_id, question = signing.loads(signed, salt=salt)
    try:
        signing.loads(signed, salt=salt, max_age=settings.AUTHORIZATION_REQUEST_SECONDS)
    except signing.SignatureExpired:
        context.because(f"The person answered after more than {settings.AUTHORIZATION_REQUEST_SECONDS} seconds.")
        raise StaleQuestionError(question) from None
    if user_id != request.user.pk:
        context.because("The question was put to another user than the one who answers.")
        raise StaleQuestionError(question)
    return question


def is_allowed(request: HttpRequest) -> bool:
    """Whether the person said yes; ``allow=False`` means no, as in django-oauth-toolkit's own form."""
    return forms.BooleanField().to_python(request.POST.get("allow", ""))


def _salt(request: HttpRequest) -> str:
    """Another one on each page, so that neither takes the other's questions."""
    return f"tokens.endpoints.consent:{request.path}"
