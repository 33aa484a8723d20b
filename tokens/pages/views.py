"""The views of My access. They work without scripts: each change is a form that posts and then redirects."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.generic import View

from awx_oauth import transactions
from tokens import revocation, services
from tokens.models import AccessToken
from tokens.pages import authorizations, history
from tokens.pages.forms import PersonalTokenForm

_ROWS = 20
_RECENT = 10
_ID_DIGITS = 18  # more than that, and a database has no such integer


@method_decorator(never_cache, name="dispatch")  # includes no-store: a token's value is on one of these pages
@method_decorator(login_required, name="dispatch")
class Page(View):
    """A page about the person who is signed in, and about nobody else."""

    @property
    def user(self) -> Any:
        """That person."""
        return self.request.user


class MyAccessView(Page):
    """Applications, personal tokens and the latest activity."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show them."""
        applications = Paginator(authorizations.authorized_applications(self.user), _ROWS)
        applications_page = applications.get_page(request.GET.get("applications"))
        own_tokens = AccessToken.objects.filter(user=self.user, application=None).order_by("-pk")
        entries, _more = history.recent(self.user, count=_RECENT)
        context = {
            "authorizations": authorizations.summarize(self.user, list(applications_page)),
            "applications_page": applications_page,
            "tokens_page": Paginator(own_tokens, _ROWS).get_page(request.GET.get("tokens")),
            "entries": entries,
        }
        return render(request, "my_access/overview.html", context)


class ActivityView(Page):
    """Everything that happened, newest first."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show a page of it; ``before`` is the id of the last entry of the page before."""
        before = request.GET.get("before", "")
        known = before.isascii() and before.isdecimal() and len(before) <= _ID_DIGITS
        entries, more = history.recent(self.user, count=_ROWS * 2, before=int(before) if known else None)
        return render(request, "my_access/activity.html", {"entries": entries, "more": more, "is_first": not known})


class NewTokenView(Page):
    """Make a personal access token."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Ask what for."""
        return render(request, "my_access/new_token.html", {"form": PersonalTokenForm()})

    def post(self, request: HttpRequest) -> HttpResponse:
        """Show the value in this one answer; it is stored nowhere."""
        form = PersonalTokenForm(request.POST)
        if not form.is_valid():
            return render(request, "my_access/new_token.html", {"form": form}, status=400)
        token, cleartext = services.issue_personal_token(
            user=self.user,
            scope=form.cleaned_data["scope"],
            description=form.cleaned_data["description"],
            expires=form.expires(),
        )
        return render(request, "my_access/token_created.html", {"token": token, "cleartext": cleartext})


class RevokeTokenView(Page):
    """End a personal access token, once the person has confirmed it."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask."""
        return render(request, "my_access/revoke_token.html", {"token": self._find(pk)})

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Do it."""
        token = self._find(pk)
        revocation.revoke_token(token, actor=self.user)
        messages.success(request, _("The token no longer works."))
        return redirect("my-access")

    def _find(self, pk: int) -> AccessToken:
        return get_object_or_404(AccessToken, pk=pk, user=self.user, application=None)


class RevokeApplicationView(Page):
    """End what an application holds for the person, once they have confirmed it."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask."""
        application = get_object_or_404(authorizations.authorized_applications(self.user), pk=pk)
        held = authorizations.summarize(self.user, [application])
        if not held:  # its last token has ended meanwhile
            raise Http404
        return render(request, "my_access/revoke_application.html", {"authorization": held[0]})

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Do it."""
        application = get_object_or_404(authorizations.authorized_applications(self.user), pk=pk)
        transactions.run(lambda: revocation.revoke_application_tokens(application, actor=self.user, user=self.user))
        messages.success(request, _("%(application)s no longer has access.") % {"application": application.name})
        return redirect("my-access")
