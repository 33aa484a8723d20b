"""Users, organizations and memberships in Django admin."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db.models import OuterRef, QuerySet
from django.forms import BaseInlineFormSet, ModelForm
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters

from awx_oauth.accounts import services
from awx_oauth.accounts.forms import UserForm
from awx_oauth.accounts.models import Membership, Organization, User
from awx_oauth.admin.lists import BoundedCount, FewRelatedFilter, shown_count
from awx_oauth.admin.options import ModelAdmin, TabularInline

_MEMBERSHIPS_ON_A_PAGE = 100  # beyond it a form has more fields than Django accepts; the list of memberships has all


class MembershipInline(TabularInline):
    """Roles, to be given and taken away; a change is one of each."""

    model = Membership
    autocomplete_fields = ("user", "organization")
    verbose_name_plural = gettext_lazy("memberships")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False


class _WithMemberships(ModelAdmin):
    def get_inlines(self, request: HttpRequest, obj: Any) -> list[type[Any]]:
        """Memberships, unless there are too many for a form."""
        few = obj is None or obj.memberships.all()[: _MEMBERSHIPS_ON_A_PAGE + 1].count() <= _MEMBERSHIPS_ON_A_PAGE
        return [MembershipInline] if few else []

    def save_formset(
        self,
        request: HttpRequest,
        form: ModelForm[Any],
        formset: BaseInlineFormSet[Any, Any, Any],
        change: bool,  # noqa: FBT001 - Django's signature
    ) -> None:
        """Give and take roles through the service."""
        formset.save(commit=False)
        for membership in formset.deleted_objects:
            services.remove_member(actor=request.user, **_role(membership))
        for membership in formset.new_objects:
            services.add_member(actor=request.user, **_role(membership))

    def deleted_with(self, obj: Any) -> dict[str, int]:
        """Memberships."""
        return {_("memberships"): obj.memberships.count()}


@admin.register(User)
class UserAdmin(_WithMemberships):
    """People."""

    form = UserForm
    list_display: Any = ("username", "first_name", "last_name", "email", "is_active", "is_superuser",
                         "is_system_auditor", "last_login")  # fmt: skip
    list_filter = ("is_active", "is_superuser", "is_system_auditor")
    search_fields = ("username", "first_name", "last_name", "email")
    ordering = ("username",)
    readonly_fields: ClassVar[Any] = ("last_login", "created", "modified")
    fieldsets: ClassVar[Any] = (
        (None, {"fields": ("username", ("first_name", "last_name"), "email")}),
        (
            gettext_lazy("Password"),
            {
                "fields": ("password1", "password2"),
                "description": gettext_lazy("A new password ends what applications were granted."),
                "classes": ("collapse",),
            },
        ),
        (gettext_lazy("Permissions"), {"fields": ("is_active", "is_superuser", "is_system_auditor")}),
        (gettext_lazy("Dates"), {"fields": ("last_login", "created", "modified")}),
    )
    add_fieldsets = (
        (None, {"fields": ("username", ("first_name", "last_name"), "email", "password1", "password2")}),
        (gettext_lazy("Permissions"), {"fields": ("is_active", "is_superuser", "is_system_auditor")}),
    )

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """The password is in sight for a new user, and not at all for who may only look."""
        if obj is None:
            return self.add_fieldsets
        fieldsets = super().get_fieldsets(request, obj)
        return fieldsets if self.has_change_permission(request, obj) else [fieldsets[0], *fieldsets[2:]]

    @method_decorator(sensitive_post_parameters("password1", "password2"))
    def changeform_view(self, *args: Any, **kwargs: Any) -> HttpResponse:
        """Passwords stay out of error reports."""
        return super().changeform_view(*args, **kwargs)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:  # noqa: FBT001
        """Create or change through the service; who changes their own password stays logged in."""
        fields = {name: form.cleaned_data[name] for name in UserForm.Meta.fields if name in form.cleaned_data}
        password = form.cleaned_data.get("password1", "")
        if not change:
            obj.pk = services.create_user(actor=request.user, password=password, **fields).pk
            return
        services.change_user(obj, actor=request.user, password=password, **fields)
        if password and obj.pk == request.user.pk:
            update_session_auth_hash(request, obj)

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        """Delete through the service."""
        services.delete_user(obj, actor=request.user)

    def check_deletion(self, request: HttpRequest, obj: User) -> None:
        """Nobody deletes themselves; the service sees to the last superuser."""
        if obj.pk == request.user.pk:
            raise ValidationError(_("You cannot delete yourself."))


@admin.register(Organization)
class OrganizationAdmin(_WithMemberships):
    """Organizations."""

    list_display: Any = ("name", "description", "memberships_held", "created")
    search_fields = ("name", "description")
    ordering = ("name",)
    fields = ("name", "description", "created", "modified")
    readonly_fields = ("created", "modified")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With the count of memberships."""
        held = Membership.objects.filter(organization=OuterRef("pk"))
        rows: QuerySet[Any] = super().get_queryset(request).annotate(membership_count=BoundedCount(held))
        return rows

    @admin.display(description=gettext_lazy("memberships"))
    def memberships_held(self, organization: Any) -> int:
        """How many."""
        return shown_count(organization.membership_count)

    def save_model(self, request: HttpRequest, obj: Organization, form: Any, change: bool) -> None:  # noqa: FBT001
        """Create or change through the service."""
        if change:
            services.change_organization(obj, actor=request.user, **form.cleaned_data)
        else:
            obj.pk = services.create_organization(actor=request.user, **form.cleaned_data).pk

    def delete_model(self, request: HttpRequest, obj: Organization) -> None:
        """Delete through the service."""
        services.delete_organization(obj, actor=request.user)


@admin.register(Membership)
class MembershipAdmin(ModelAdmin):
    """Every role that somebody holds, for organizations with more members than fit on their page."""

    has_activity = False
    list_display = ("organization", "user", "role")
    list_select_related = ("organization", "user")
    list_filter = ("role", ("organization", FewRelatedFilter))
    search_fields = ("user__username", "organization__name")
    autocomplete_fields = ("organization", "user")
    ordering = ("-id",)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody: taking a role and giving another says what happened."""
        return False

    def save_model(self, request: HttpRequest, obj: Membership, form: Any, change: bool) -> None:  # noqa: FBT001
        """Give the role through the service."""
        services.add_member(actor=request.user, **_role(obj))
        obj.pk = Membership.objects.get(**_role(obj)).pk

    def delete_model(self, request: HttpRequest, obj: Membership) -> None:
        """Take the role through the service."""
        services.remove_member(actor=request.user, **_role(obj))


def _role(membership: Membership) -> dict[str, Any]:
    return {"organization": membership.organization, "user": membership.user, "role": membership.role}


admin.site.unregister(Group)  # Django's groups mean nothing here: organizations have roles
