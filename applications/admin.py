"""Applications in Django admin. A secret is shown on the page that answers the request which made it, and never again.

The library registers the class that ``APPLICATION_ADMIN_CLASS`` names, which is this one with what tokens add to it.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications import services
from applications.first_request import first_request
from applications.forms import ApplicationForm
from applications.models import Application
from awx_oauth.accounts import admin as accounts
from awx_oauth.accounts.models import Organization
from awx_oauth.admin.lists import BoundedCount, FewRelatedFilter, shown_count
from awx_oauth.admin.options import ModelAdmin, at_once


class ApplicationAdmin(ModelAdmin):
    """OAuth clients."""

    form = ApplicationForm
    list_display: Any = ("name", "organization", "authorization_grant_type", "client_type", "particulars", "client_id")
    list_select_related = ("organization",)
    list_filter = ("authorization_grant_type", "client_type", "skip_authorization", "resource_server",
                   ("organization", FewRelatedFilter))  # fmt: skip
    search_fields = ("name", "client_id", "organization__name")
    autocomplete_fields = ("organization",)
    ordering = ("organization__name", "name")
    actions: Any = ("rotate_secret",)
    object_actions: ClassVar[tuple[str, ...]] = ("rotate_secret",)
    fieldsets = (
        (None, {"fields": ("name", "description", "organization")}),
        (
            gettext_lazy("How it asks for tokens"),
            {"fields": ("client_type", "authorization_grant_type", "redirect_uris")},
        ),
        (
            gettext_lazy("What it may do"),
            {"fields": ("pkce_required", "skip_authorization", "resource_server", "allowed_origins")},
        ),
    )
    facts: Any = (gettext_lazy("Facts"), {"fields": ("client_id", "created", "updated")})

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """With the client ID once there is one."""
        return self.fieldsets if obj is None else (*self.fieldsets, self.facts)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """The grant type is chosen once, as in the REST API (AWX)."""
        return () if obj is None else ("authorization_grant_type", "client_id", "created", "updated")

    @admin.display(description=gettext_lazy("particulars"))
    def particulars(self, application: Application) -> str:
        """What sets it apart from most."""
        said = {
            _("no consent page"): application.skip_authorization,
            _("PKCE required"): application.pkce_required,
            _("resource server"): application.resource_server,
        }
        return ", ".join(text for text, is_true in said.items() if is_true)

    def save_model(self, request: HttpRequest, obj: Application, form: Any, change: bool) -> None:  # noqa: FBT001
        """Create or change through the service. A new secret travels with the request, for the page that answers it."""
        if change:
            secret = services.change_application(obj, actor=request.user, **form.cleaned_data)
        else:
            created, secret = services.create_application(actor=request.user, **form.cleaned_data)
            obj.pk, obj.client_id = created.pk, created.client_id
        request.new_client_secret = secret  # type: ignore[attr-defined]

    def response_add(
        self, request: HttpRequest, obj: Application, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Show the client ID, the secret and the next step."""
        return self._credentials_page(request, obj, request.new_client_secret)  # type: ignore[attr-defined]

    def response_change(self, request: HttpRequest, obj: Application) -> HttpResponse:
        """Show the secret of a client that has become confidential."""
        secret: str = request.new_client_secret  # type: ignore[attr-defined]
        return self._credentials_page(request, obj, secret) if secret else super().response_change(request, obj)

    def delete_model(self, request: HttpRequest, obj: Application) -> None:
        """Delete through the service."""
        services.delete_application(obj, actor=request.user)

    def get_object_actions(self, obj: Application) -> tuple[str, ...]:
        """A public client has no secret to rotate."""
        return tuple(name for name in self.object_actions if name != "rotate_secret" or not obj.is_public)

    @admin.action(description=gettext_lazy("Rotate secret"), permissions=["change"])
    def rotate_secret(self, request: HttpRequest, queryset: QuerySet[Application]) -> HttpResponse | None:
        """Replace the secret of one confidential client and show the new one."""
        chosen = at_once(queryset)
        if len(chosen) != 1:
            raise ValidationError(_("Choose one application: its new secret is shown only once."))
        application = chosen[0]
        if application.is_public:
            raise ValidationError(_("%(name)s is a public client and has no secret.") % {"name": application})
        page = self.ask(
            request,
            chosen,
            action="rotate_secret",
            text=_("The present secret stops working at once. Tokens that were issued stay valid."),
        )
        if page is not None:
            return page
        return self._credentials_page(request, application, services.rotate_secret(application, actor=request.user))

    def _credentials_page(self, request: HttpRequest, application: Application, secret: str) -> HttpResponse:
        """The answer itself carries the secret; a redirect would have to store it somewhere. Admin is ``no-store``."""
        base_url = settings.OAUTH2_ISSUER or request.build_absolute_uri("/")
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Client ID and secret") if secret else _("Client ID"),
            "subtitle": str(application),
            "application": application,
            "secret": secret,
            "first_request": first_request(application, secret=secret, base_url=base_url),
            "continue_url": reverse("admin:applications_application_change", args=[application.pk]),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/applications/application/credentials.html", context)


class OrganizationAdmin(accounts.OrganizationAdmin):
    """Organizations with their applications counted."""

    list_display = ("name", "description", "memberships_held", "applications_held", "created")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With the count of applications."""
        held = Application.objects.filter(organization=OuterRef("pk"))
        rows: QuerySet[Any] = super().get_queryset(request).annotate(application_count=BoundedCount(held))
        return rows

    @admin.display(description=gettext_lazy("applications"))
    def applications_held(self, organization: Any) -> int:
        """How many."""
        return shown_count(organization.application_count)

    def deleted_with(self, obj: Organization) -> dict[str, int]:
        """Applications too."""
        count = Application.objects.filter(organization=obj).count()
        return {**super().deleted_with(obj), _("applications"): count}


admin.site.unregister(Organization)
admin.site.register(Organization, OrganizationAdmin)
