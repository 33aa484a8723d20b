"""The authorization endpoint, ``/api/o/authorize/`` (RFC 6749 §3.1): from a client's question to a person's answer."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core import signing
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from oauth2_provider.views.base import BaseAuthorizationView
from oauthlib.oauth2 import AccessDeniedError, InvalidRequestError, OAuth2Error
from oauthlib.openid.connect.core.exceptions import ConsentRequired, LoginRequired

from applications.redirect_uris import LOOPBACK_HOSTS
from awx_oauth import context, csp
from awx_oauth.activity.models import Event
from awx_oauth.activity.services import record
from awx_oauth.transactions import LostRaceError
from tokens import scopes, services
from tokens.endpoints import consent, parameters
from tokens.endpoints.authorization_request import (
    AuthorizationRequest,
    Target,
    UnprovenClientError,
    error_parameters,
    find_target,
    read,
)
from tokens.endpoints.request import is_form
from tokens.issuer import issuer


@method_decorator(never_cache, name="dispatch")  # RFC 9700 §4.2: neither the page nor the code in the redirect
@method_decorator(csrf_exempt, name="dispatch")  # a client may POST its request; only the person's answer is guarded
class AuthorizationView(BaseAuthorizationView):
    """Ask the resource owner, and send the answer to the client."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Give the person a page when nobody else may hear of an error."""
        try:
            if request.method == "POST" and "signed_request" in request.POST:
                return self.answer(request)
            if request.method == "POST" and is_form(request):
                return self.ask(request, *parameters.parse(request.body.decode("latin-1")))
            if request.method == "POST":
                return self.error_page(request, InvalidRequestError())
            if request.method in {"GET", "HEAD"}:
                return self.ask(request, *parameters.parse(request.META.get("QUERY_STRING", "")))
        except (UnprovenClientError, InvalidRequestError) as error:
            return self.error_page(request, error)
        return HttpResponseNotAllowed(("GET", "HEAD", "POST"))

    def ask(self, request: HttpRequest, values: dict[str, str], repeated: frozenset[str]) -> HttpResponse:
        """Show the consent page, or answer at once where nothing is to be asked."""
        target = find_target(values, repeated)
        silent = values.get("prompt") == "none"
        if not request.user.is_authenticated and not silent:
            # RFC 9700 §4.11.2: not even an error is redirected before the person has signed in
            return redirect_to_login(_path(values, repeated), settings.LOGIN_URL)
        try:
            wanted = read(target, values, repeated)
            if not request.user.is_authenticated:
                context.because("prompt=none, and nobody is signed in.")
                raise LoginRequired
            if "login" in wanted.prompt:
                return redirect_to_login(_path({**values, "prompt": "consent"}), settings.LOGIN_URL)
            if target.application.skip_authorization and request.method != "HEAD":  # which changes nothing
                return self.send_code(request, target, wanted, values)
            if silent:
                context.because("prompt=none, and the client is not one that skips consent.")
                raise ConsentRequired
        except OAuth2Error as error:
            return self.send_error(request, target, error)
        return self.consent_page(request, target, wanted, values)

    @method_decorator(csrf_protect)
    def answer(self, request: HttpRequest) -> HttpResponse:
        """Do what the person decided on the consent page."""
        try:
            values, shown_uri = consent.read_question(request)
        except consent.StaleQuestionError as stale:
            return self.expired_page(request, stale.question[0])
        except signing.BadSignature:
            context.because("The form's signature is not that of this service's SECRET_KEY.")
            raise UnprovenClientError(_("This form did not come from this service.")) from None
        target = find_target(values, frozenset())
        if target.redirect_uri != shown_uri:
            return self.expired_page(request, values)  # the client registered another one meanwhile
        try:
            wanted = read(target, values, frozenset())
            if not consent.is_allowed(request):
                client_id = target.application.client_id
                record(Event.CODE_DENIED, actor=request.user, client_id=client_id, target=target.application)
                context.because("The person said no.")
                raise AccessDeniedError
        except OAuth2Error as error:
            return self.send_error(request, target, error)
        return self.send_code(request, target, wanted, values)

    def send_code(
        self, request: HttpRequest, target: Target, wanted: AuthorizationRequest, values: dict[str, str]
    ) -> HttpResponse:
        """RFC 6749 §4.1.2."""
        try:
            code = services.grant_code(
                user=consent.resource_owner(request),
                application=target.application,
                scope=scopes.join(wanted.scope),
                redirect_uri=target.redirect_uri,
                redirect_uri_given=target.redirect_uri_given,
                code_challenge=wanted.code_challenge,
            )
        except IntegrityError:
            raise UnprovenClientError(_("The application, or your account, has just been deleted.")) from None
        except LostRaceError:
            context.because("The person's password was changed, or their account deactivated, at this moment.")
            return self.expired_page(request, values)
        return self.send(request, target, {"code": code})

    def send(self, request: HttpRequest, target: Target, answer: dict[str, str]) -> HttpResponse:
        """Redirect to the client."""
        response: HttpResponse = self.redirect(target.url(answer, issuer=issuer(request)), target.application)
        return response

    def send_error(self, request: HttpRequest, target: Target, error: OAuth2Error) -> HttpResponse:
        """RFC 6749 §4.1.2.1."""
        context.refused(str(error.error), str(error.description or ""))
        return self.send(request, target, error_parameters(error))

    def consent_page(
        self, request: HttpRequest, target: Target, wanted: AuthorizationRequest, values: dict[str, str]
    ) -> HttpResponse:
        """Who asks, for what, and where the answer goes."""
        page = consent.page(
            request, target.application, scope=wanted.scope, question=(values, target.redirect_uri), url=_path(values)
        )
        parts = urlsplit(target.redirect_uri)
        page["redirect_host"] = parts.hostname or parts.scheme
        page["is_loopback"] = parts.hostname in LOOPBACK_HOSTS
        response = render(request, "oauth2_provider/authorize.html", page)
        # Browsers hold a redirect that answers a form to the form's policy, so it must allow the client (CSP3 §6.4)
        response["Content-Security-Policy"] = csp.policy(form_action=f"'self' {_origin(target.redirect_uri)}")
        return response

    def expired_page(self, request: HttpRequest, values: dict[str, str]) -> HttpResponse:
        """The person took too long, or is no longer the one who was asked: let them begin again."""
        context.refused("invalid_request")
        page = {"expired": True, "restart_url": _path(values)}
        return render(request, "oauth2_provider/authorize_error.html", page, status=400)

    def error_page(self, request: HttpRequest, error: UnprovenClientError | InvalidRequestError) -> HttpResponse:
        """What is wrong, for a person to tell the client's developer."""
        where = context.current()
        if isinstance(error, UnprovenClientError):
            description = detail = str(error)
        else:
            description, detail = _("The request is malformed."), str(error.description or "")
        context.refused(error.error, detail)
        page = {"error": error.error, "description": description, "request_id": where.request_id if where else ""}
        return render(request, "oauth2_provider/authorize_error.html", page, status=400)


def _path(values: dict[str, str], repeated: frozenset[str] = frozenset()) -> str:
    """Where to ask the same again; what was repeated still is."""
    pairs = [*values.items(), *((name, "") for name in sorted(repeated) * 2)]
    return f"{reverse('oauth2_provider:authorize')}?{urlencode(pairs)}"


def _origin(uri: str) -> str:
    """The CSP source that matches ``uri``: its origin, or the scheme of a native app."""
    parts = urlsplit(uri)
    if parts.scheme in {"http", "https"} and "[" not in parts.netloc:  # CSP knows no IPv6 addresses
        return f"{parts.scheme}://{parts.netloc}"
    return f"{parts.scheme}:"
