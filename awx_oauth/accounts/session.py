"""Logging in and out with a browser, or like one, as AWX's clients do."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth import views
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase

from awx_oauth import csp

_LOGGED_IN_COOKIE = "userLoggedIn"  # AWX compatibility: its browser interface reads it


class LoginView(views.LoginView):
    """The login form. ``next`` is followed on this host only; the session gets a new key (Django's own doing)."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Let the browser follow where ``next`` leads, also on to a client that is asked nothing.

        Browsers hold every redirect after a form to the form's policy (CSP3 §6.4), and where an authorization request
        ends is not known here.
        """
        response = super().dispatch(request, *args, **kwargs)
        response["Content-Security-Policy"] = csp.policy(form_action=None)
        return response

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the form, or say 406 to a program that did not come for HTML (AWX)."""
        if not request.accepts("text/html"):
            return HttpResponse(status=406)
        return super().get(request, *args, **kwargs)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Log in and go where ``next`` says."""
        response = super().form_valid(form)
        _say_logged_in(response, value="true")
        # AWX compatibility: awxkit looks here for the name of the session cookie
        response["X-API-Session-Cookie-Name"] = settings.SESSION_COOKIE_NAME
        return response

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        """Show the form again, as 401 (AWX)."""
        response = super().form_invalid(form)
        response.status_code = 401
        return response


class LogoutView(views.LogoutView):
    """Logs out on POST and goes to the API's root, or to the page of ours that ``next`` names."""

    http_method_names: ClassVar[list[str]] = ["get", "post", "options"]  # type: ignore[misc]
    next_page = "/api/"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Log out as well (AWX), unless another site makes the browser ask.

        An image or a frame elsewhere could otherwise log a visitor out. Browsers say in ``Sec-Fetch-Site`` who asks;
        scripts do not send it, nor do browsers to a plain http address.
        """
        if request.headers.get("Sec-Fetch-Site") == "cross-site":
            return HttpResponseRedirect(self.get_success_url())
        return self.post(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Log out."""
        response = super().post(request, *args, **kwargs)
        _say_logged_in(response, value="false")
        return response


def _say_logged_in(response: HttpResponseBase, *, value: str) -> None:
    response.set_cookie(_LOGGED_IN_COOKIE, value, secure=settings.SESSION_COOKIE_SECURE, samesite="Lax")
