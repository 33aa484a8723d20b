"""What every page of Django admin has in common here.

Pages write through services, so the audit log has what they did; Django's own log of admin actions stays empty.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import unquote
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db.models import QuerySet
from django.forms import BaseInlineFormSet, ModelForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from awx_oauth.admin.lists import BoundedPaginator, shown_count

if TYPE_CHECKING:
    AnyModelAdmin = admin.ModelAdmin[Any]
    AnyTabularInline = admin.TabularInline[Any, Any]
else:
    AnyModelAdmin = admin.ModelAdmin
    AnyTabularInline = admin.TabularInline

# How fields end that no filter in an address may ask about: their values could be found out letter by letter
_SECRETS = ("password", "secret", "checksum")
_ACTED_ON_AT_ONCE = 500  # objects; each is its own transaction, and the person waits


class Permissions:
    """Superusers do everything, system auditors look."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever the site lets in."""
        user: Any = request.user
        return bool(user.is_superuser or user.is_system_auditor)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """The same, for the index."""
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Superusers."""
        return bool(request.user.is_superuser)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Superusers."""
        return bool(request.user.is_superuser)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Superusers."""
        return bool(request.user.is_superuser)


class NamedFieldsFormSet(BaseInlineFormSet):  # type: ignore[type-arg]
    """Rows whose fields have names: the head of a column is none to a screen reader."""

    def add_fields(self, form: ModelForm[Any], index: int | None) -> None:
        """Name the fields as their columns are."""
        super().add_fields(form, index)
        for field in form.fields.values():
            field.widget.attrs.setdefault("aria-label", capfirst(field.label))
        if form.instance.pk and "DELETE" in form.fields:
            form.fields["DELETE"].widget.attrs["aria-label"] = _("Delete %(name)s") % {"name": form.instance}


class TabularInline(Permissions, AnyTabularInline):
    """Rows inside another object's page."""

    extra = 0
    formset = NamedFieldsFormSet


class ModelAdmin(Permissions, AnyModelAdmin):
    """The base of every page.

    A :class:`~django.core.exceptions.ValidationError` that a service raises is shown as a message, and what the
    request did is rolled back.
    """

    paginator = BoundedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # each would count the whole table
    list_per_page = 50

    # Actions that an object's own page offers as buttons
    object_actions: ClassVar[tuple[str, ...]] = ()
    # Whether the audit log speaks of these objects
    has_activity = True

    class Media:
        js = ("awx_oauth/admin.js",)

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """Nothing about secrets."""
        is_secret = any(part.endswith(_SECRETS) for part in lookup.split("__"))
        return not is_secret and super().lookup_allowed(lookup, value, request)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list and its actions."""
        return _with_refusals_shown(request, request.get_full_path(), lambda: self._list(request, extra_context))

    def _list(self, request: HttpRequest, extra_context: dict[str, Any] | None) -> HttpResponse:
        return super().changelist_view(request, extra_context)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The page of one object."""
        page = super().changeform_view
        return _with_refusals_shown(
            request, request.get_full_path(), lambda: page(request, object_id, form_url, extra_context)
        )

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Delete one object; not in one transaction as in Django, since the services begin a lost one anew."""
        return _with_refusals_shown(
            request,
            self._url("change", object_id),
            lambda: self._delete_view(request, object_id, extra_context),  # type: ignore[attr-defined]
        )

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Delete one by one, as the service does."""
        for obj in queryset:
            self.delete_model(request, obj)

    def get_deleted_objects(
        self, objs: Iterable[Any], request: HttpRequest
    ) -> tuple[list[Any], dict[str, int], set[str], list[Any]]:
        """What the confirmation lists: the objects and how much goes with them, where Django would load all of it."""
        chosen = at_once(objs)
        for obj in chosen:
            self.check_deletion(request, obj)
        counts = {str(self.opts.verbose_name_plural): len(chosen)}
        for obj in chosen:
            for name, count in self.deleted_with(obj).items():
                counts[name] = shown_count(counts.get(name, 0) + count)
        return [str(obj) for obj in chosen], counts, set(), []

    def check_deletion(self, request: HttpRequest, obj: Any) -> None:
        """Raise :class:`~django.core.exceptions.ValidationError` when ``obj`` has to stay."""

    def deleted_with(self, obj: Any) -> dict[str, int]:
        """How many other rows go when ``obj`` goes, by the name of what they are."""
        return {}

    def ask(self, request: HttpRequest, objects: list[Any], *, action: str, text: str) -> TemplateResponse | None:
        """The page that asks whether the person is sure, or ``None`` when they have said so."""
        if request.POST.get("confirmed") == "yes":
            return None
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": dict(self.get_action_choices(request))[action],
            "text": text,
            "objects": objects,
            "action": action,
            "checkbox_name": ACTION_CHECKBOX_NAME,
            "action_url": self._url("changelist"),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/confirm.html", context)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, obj: Any = None, **kwargs: Any
    ) -> HttpResponse:
        """Add the buttons for ``object_actions`` and the way to the audit log."""
        if obj is not None:
            offered = dict(self.get_action_choices(request))
            context["object_actions"] = [
                (name, offered[name]) for name in self.get_object_actions(obj) if name in offered
            ]
            context["action_url"] = self._url("changelist")
            context["checkbox_name"] = ACTION_CHECKBOX_NAME
            context["has_activity"] = self.has_activity
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)  # type: ignore[misc]

    def get_object_actions(self, obj: Any) -> tuple[str, ...]:
        """Those of ``object_actions`` that make sense for ``obj``."""
        return self.object_actions

    def history_view(
        self,
        request: HttpRequest,
        object_id: str,
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The audit log's entries about the object."""
        about = {"object_type": self.model.awx_type, "object_id": unquote(object_id)}
        return HttpResponseRedirect(f"{reverse('admin:activity_activity_changelist')}?{urlencode(about)}")

    def log_addition(self, *args: Any) -> None:  # type: ignore[override]
        """The audit log has it."""

    def log_change(self, *args: Any) -> None:  # type: ignore[override]
        """The audit log has it."""

    def log_deletions(self, *args: Any) -> None:  # type: ignore[override]
        """The audit log has it."""

    def _url(self, page: str, *args: str) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{page}", args=args)


class ReadOnlyModelAdmin(ModelAdmin):
    """For what nobody edits."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False


def at_once(objects: Iterable[Any]) -> list[Any]:
    """The chosen objects as a list. Raises :class:`~django.core.exceptions.ValidationError` when they are too many."""
    chosen = list(objects[: _ACTED_ON_AT_ONCE + 1] if isinstance(objects, QuerySet) else objects)
    if len(chosen) > _ACTED_ON_AT_ONCE:
        raise ValidationError(_("Choose at most %(limit)d at once.") % {"limit": _ACTED_ON_AT_ONCE})
    return chosen


def _with_refusals_shown(request: HttpRequest, way_back: str, page: Callable[[], HttpResponse]) -> HttpResponse:
    try:
        return page()
    except ObjectDoesNotExist:  # deleted between the look and the change
        raise Http404 from None
    except ValidationError as error:
        for message in error.messages:
            messages.error(request, message)
        return HttpResponseRedirect(way_back)
