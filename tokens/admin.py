"""Tokens in Django admin, and what they add to the pages of applications and users. Never a token's value or digest.

The library registers the classes that its settings name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from applications import admin as applications
from applications.models import Application
from awx_oauth.accounts import admin as accounts
from awx_oauth.accounts.models import User
from awx_oauth.activity.models import Activity, Event
from awx_oauth.admin.lists import BoundedCount, shown_count
from awx_oauth.admin.options import ModelAdmin, ReadOnlyModelAdmin, at_once
from tokens import revocation, scopes
from tokens.models import AccessToken, RefreshToken
from tokens.refusal_admin import link_to_refusals

if TYPE_CHECKING:
    from datetime import datetime

_FOUND = 1000  # users, applications or descriptions that one search looks for


class ScopeFilter(admin.SimpleListFilter):
    """By what a token may do."""

    title = gettext_lazy("scope")
    parameter_name = "may"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Every scope there is."""
        return [(scope, scope) for scope in scopes.known()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Those that have it."""
        return queryset.filter(scope__contains=self.value()) if self.value() else queryset


class LiveFilter(admin.SimpleListFilter):
    """Whether a token can still be used."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Yes or no."""
        return [("live", gettext_lazy("Live")), ("ended", gettext_lazy("Expired or revoked"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """A revoked access token is gone; a revoked refresh token stays to show its replay."""
        live = Q(expires__gt=timezone.now())
        if queryset.model is RefreshToken:
            live &= Q(revoked=None)
        return {"live": queryset.filter(live), "ended": queryset.exclude(live)}.get(self.value() or "", queryset)


class PersonalFilter(admin.SimpleListFilter):
    """Whether a person made it for themselves."""

    title = gettext_lazy("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """With or without an application."""
        return [("personal", gettext_lazy("Personal")), ("application", gettext_lazy("Of an application"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Personal tokens have no application."""
        if self.value() in {"personal", "application"}:
            return queryset.filter(application__isnull=self.value() == "personal")
        return queryset


class _TokenAdmin(ReadOnlyModelAdmin):
    list_select_related = ("user", "application")
    ordering = ("-id",)
    sortable_by = ()
    search_fields = ("user__username", "application__name", "application__client_id")
    search_help_text = gettext_lazy("A user name, or an application's name or client ID.")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find the owners first, then their tokens by index: looking through joined rows reads all of them."""
        return (queryset.filter(self.found_by(request, search_term)) if search_term.strip() else queryset), False

    def found_by(self, request: HttpRequest, search_term: str) -> Q:
        """Which tokens a search finds."""
        users = _found(User, request, search_term)
        clients = _found(Application, request, search_term)
        return Q(user__in=users) | Q(application__in=clients)

    @admin.display(description=gettext_lazy("live"), boolean=True)
    def live(self, token: Any) -> bool:
        """Whether it can still be used."""
        return bool(token.is_live)


class AccessTokenAdmin(_TokenAdmin):
    """Access tokens."""

    list_display = ("id", "user", "application", "scope", "description", "created", "expires", "last_used", "live")
    list_filter = (LiveFilter, PersonalFilter, ScopeFilter)
    fields = ("id", "user", "application", "scope", "description", "created", "updated", "expires", "last_used", "live")
    actions = ("revoke",)
    object_actions: ClassVar[tuple[str, ...]] = ("revoke",)
    search_help_text = gettext_lazy("A user name, a description, or an application's name or client ID.")

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        """Superusers."""
        return bool(request.user.is_superuser)

    def found_by(self, request: HttpRequest, search_term: str) -> Q:
        """Also by description, looked for on its own so that the indexes serve the rest."""
        described = AccessToken.objects.filter(description__icontains=search_term).exclude(description="")
        return super().found_by(request, search_term) | Q(pk__in=list(described.values_list("pk", flat=True)[:_FOUND]))

    @admin.action(description=gettext_lazy("Revoke"), permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[AccessToken]) -> HttpResponse | None:
        """Revoke the chosen tokens, each with its refresh token."""
        chosen = at_once(queryset)
        page = self.ask(
            request,
            chosen,
            action="revoke",
            text=_("These access tokens and the refresh tokens that belong to them stop working at once."),
        )
        if page is None:
            for token in chosen:
                revocation.revoke_token(token, actor=_actor(request))
            message = ngettext("%(count)d access token revoked.", "%(count)d access tokens revoked.", len(chosen))
            self.message_user(request, message % {"count": len(chosen)})
        return page

    @admin.display(description=gettext_lazy("live"), boolean=True)
    def live(self, token: AccessToken) -> bool:
        """Whether it can still be used."""
        return token.expires is not None and token.expires > timezone.now()


class RefreshTokenAdmin(_TokenAdmin):
    """Refresh tokens: which access can still be renewed. They end with their access token, application or user."""

    list_display = ("id", "user", "application", "scope", "created", "expires", "revoked", "live")
    list_filter = (LiveFilter, ScopeFilter)
    fields = ("id", "user", "application", "scope", "created", "updated", "expires", "revoked", "live")


class GrantAdmin(ReadOnlyModelAdmin):
    """Authorization codes: the library registers them, and nobody needs to see them."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False


class IDTokenAdmin(GrantAdmin):
    """ID tokens, of which there are none."""


class _OwnerAdmin(ModelAdmin):
    """What an application's and a user's page have in common: a link to their tokens, and an action that ends them."""

    owner_field: str

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With a count that reads an index alone; whether each is still live, it would have to look up."""
        held = AccessToken.objects.filter(**{self.owner_field: OuterRef("pk")})
        rows: QuerySet[Any] = super().get_queryset(request).annotate(token_count=BoundedCount(held))
        return rows

    @admin.display(description=gettext_lazy("access tokens"))
    def access_tokens(self, owner: Any) -> str:
        """How many there are, leading to them; those that have expired stay until the hourly cleanup."""
        parts = urlencode({f"{self.owner_field}__id__exact": owner.pk})
        url = reverse("admin:tokens_accesstoken_changelist")
        return format_html('<a href="{}?{}">{}</a>', url, parts, shown_count(owner.token_count))

    @admin.display(description=gettext_lazy("tokens"))
    def tokens(self, owner: Any) -> str:
        """The lists of the owner's tokens."""
        parts = urlencode({f"{self.owner_field}__id__exact": owner.pk})
        return format_html(
            '<a href="{}?{}">{}</a> · <a href="{}?{}">{}</a>',
            reverse("admin:tokens_accesstoken_changelist"),
            parts,
            _("Access tokens"),
            reverse("admin:tokens_refreshtoken_changelist"),
            parts,
            _("Refresh tokens"),
        )

    def deleted_with(self, obj: Any) -> dict[str, int]:
        """Tokens too."""
        held = AccessToken.objects.filter(**{self.owner_field: obj})[:1001].count()
        return {**super().deleted_with(obj), _("access tokens"): held}

    @admin.action(description=gettext_lazy("Revoke all tokens"), permissions=["change"])
    def revoke_tokens(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        """End every token of the chosen owners."""
        chosen = at_once(queryset)
        page = self.ask(
            request,
            chosen,
            action="revoke_tokens",
            text=_("Every access token, refresh token and code of these stops working at once."),
        )
        if page is None:
            ended = sum(self.end_tokens(owner, _actor(request)) for owner in chosen)
            message = ngettext("%(count)d token revoked.", "%(count)d tokens revoked.", ended)
            self.message_user(request, message % {"count": ended})
        return page

    def end_tokens(self, owner: Any, actor: User) -> int:
        """Revoke what the owner holds. Returns how many."""
        raise NotImplementedError


class ApplicationAdmin(_OwnerAdmin, applications.ApplicationAdmin):
    """Applications with their tokens."""

    owner_field = "application"
    list_display = ("name", "organization", "authorization_grant_type", "client_type", "particulars", "access_tokens",
                    "last_token", "client_id")  # fmt: skip
    actions = ("rotate_secret", "revoke_tokens")
    object_actions: ClassVar[tuple[str, ...]] = ("rotate_secret", "revoke_tokens")
    facts = (gettext_lazy("Facts"), {"fields": ("client_id", "tokens", "refused_requests", "created", "updated")})

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With the last token by the audit log, whose index has it; tokens would be searched."""
        issued = Activity.objects.filter(
            client_id=OuterRef("client_id"), event__in=(Event.TOKEN_ISSUED, Event.TOKEN_REFRESHED)
        )
        last = issued.order_by("-id").values("timestamp")[:1]
        rows: QuerySet[Any] = super().get_queryset(request).annotate(last_issued=Subquery(last))
        return rows

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """The links as well."""
        return (*super().get_readonly_fields(request, obj), "tokens", "refused_requests")

    @admin.display(description=gettext_lazy("refused requests"))
    def refused_requests(self, application: Any) -> str:
        """The list of them."""
        return link_to_refusals(application)

    @admin.display(description=gettext_lazy("last token"))
    def last_token(self, application: Any) -> datetime | None:
        """When it last got one."""
        last: datetime | None = application.last_issued
        return last

    def end_tokens(self, owner: Application, actor: User) -> int:
        """All that it holds."""
        return revocation.revoke_application_tokens(owner, actor=actor)


class UserAdmin(_OwnerAdmin, accounts.UserAdmin):
    """Users with their tokens."""

    owner_field = "user"
    list_display = ("username", "first_name", "last_name", "email", "is_active", "is_superuser", "is_system_auditor",
                    "access_tokens", "last_login")  # fmt: skip
    actions = ("revoke_tokens",)
    object_actions: ClassVar[tuple[str, ...]] = ("revoke_tokens",)
    readonly_fields: ClassVar[Any] = (*accounts.UserAdmin.readonly_fields, "tokens")
    fieldsets: ClassVar[Any] = (*accounts.UserAdmin.fieldsets, (gettext_lazy("Tokens"), {"fields": ("tokens",)}))

    def end_tokens(self, owner: User, actor: User) -> int:
        """Granted to applications, and personal ones."""
        return revocation.revoke_user_tokens(owner, actor=actor)


def _found(model: type[Any], request: HttpRequest, search_term: str) -> list[int]:
    """The users or applications that their own page finds for a search."""
    found, _may_repeat = admin.site.get_model_admin(model).get_search_results(request, model.objects.all(), search_term)
    return list(found.order_by().values_list("pk", flat=True).distinct()[:_FOUND])


def _actor(request: HttpRequest) -> User:
    user: Any = request.user
    return user  # type: ignore[no-any-return]


admin.site.unregister(User)
admin.site.register(User, UserAdmin)
