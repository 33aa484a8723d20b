"""The device flow's endpoints (RFC 8628): one for the device, one page for the person."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core import signing
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.generic import View
from oauthlib.oauth2 import InvalidClientError, InvalidScopeError, UnauthorizedClientError

from applications.models import Application
from awx_oauth import context
from awx_oauth.throttling import FailureLimit
from tokens import devices, scopes
from tokens.endpoints import consent
from tokens.endpoints.client_authentication import authenticate_client
from tokens.endpoints.request import ProtocolEndpoint, json_response
from tokens.issuer import issuer
from tokens.models import DeviceGrant
from tokens.refusals import shown

_WRONG_CODES = FailureLimit("FAILED_USER_CODES_PER_USER")


class DeviceAuthorizationView(ProtocolEndpoint):
    """Where a device begins, ``POST /api/o/device-authorization/`` (RFC 8628 §3.1)."""

    def respond(self, request: HttpRequest, form: dict[str, str]) -> HttpResponse:
        """RFC 8628 §3.2."""
        client = authenticate_client(request, form)
        if client.authorization_grant_type != Application.GrantType.DEVICE_CODE:
            context.because(f"The client is registered for the grant type {client.authorization_grant_type}.")
            raise UnauthorizedClientError("The client may not use the device grant.")
        wanted = scopes.parse(form["scope"]) if "scope" in form else scopes.default()
        if not scopes.are_known(wanted):
            context.because(f"The request asked for the scope {shown(form['scope'])}.")
            raise InvalidScopeError("Unknown scope.")
        try:
            grant, device_code = devices.start(application=client, scope=scopes.join(wanted))
        except IntegrityError:
            raise InvalidClientError("The client was deleted.") from None
        user_code = devices.display(grant.user_code)
        page = issuer(request) + reverse("oauth2_provider:device")
        return json_response(
            {
                "device_code": device_code,
                "user_code": user_code,
                "verification_uri": page,
                "verification_uri_complete": f"{page}?user_code={user_code}",
                "expires_in": settings.DEVICE_CODE_EXPIRE_SECONDS,
                "interval": grant.interval,
            }
        )


class UserCodeForm(forms.Form):
    """The code that a device shows."""

    user_code = forms.CharField(label=gettext_lazy("Code"), max_length=40)

    def clean_user_code(self) -> DeviceGrant:
        """The authorization that waits under the code."""
        grant = devices.find_pending(self.cleaned_data["user_code"])
        if grant is None:
            raise forms.ValidationError(_("No device waits under this code. It may have expired: start again there."))
        return grant


@method_decorator(never_cache, name="dispatch")
@method_decorator(login_required, name="dispatch")
class DeviceView(View):
    """Where a person connects a device, ``/api/o/device/`` (RFC 8628 §3.3): type the code, then allow or deny.

    A code in the link only fills in the form: the person compares it with the device before going on (RFC 8628 §5.4).
    """

    def get(self, request: HttpRequest) -> HttpResponse:
        """Ask for the code."""
        form = UserCodeForm(initial={"user_code": request.GET.get("user_code", "")[:40]})
        return render(request, "device/enter_code.html", {"form": form})

    def post(self, request: HttpRequest) -> HttpResponse:
        """Take the code or the decision."""
        if "signed_request" in request.POST:
            return self._decide(request)
        form = UserCodeForm(request.POST)
        guesser = str(request.user.pk)
        _WRONG_CODES.check(guesser)
        if not form.is_valid():
            _WRONG_CODES.note(guesser)
            context.refused("invalid_request", "The form has no code, or too long a one.")
            return render(request, "device/enter_code.html", {"form": form}, status=400)
        return self._ask(request, form.cleaned_data["user_code"])

    def _ask(self, request: HttpRequest, grant: DeviceGrant) -> HttpResponse:
        page: dict[str, Any] = consent.page(
            request,
            grant.application,
            scope=scopes.parse(grant.scope),
            question=grant.pk,
            url=f"{request.path}?user_code={devices.display(grant.user_code)}",
        )
        page["user_code"] = devices.display(grant.user_code)
        return render(request, "device/confirm.html", page)

    def _decide(self, request: HttpRequest) -> HttpResponse:
        allowed = consent.is_allowed(request)
        try:
            grant = devices.get_pending(consent.read_question(request))
        except (consent.StaleQuestionError, signing.BadSignature):
            grant = None
        if grant is None or not devices.decide(grant, user=consent.resource_owner(request), allowed=allowed):
            context.refused("invalid_request", "The form is not this service's, or the code is no longer pending.")
            page = {"expired": True, "restart_url": reverse("oauth2_provider:device")}
            return render(request, "oauth2_provider/authorize_error.html", page, status=400)
        return render(request, "device/done.html", {"allowed": allowed, "application": grant.application})
