"""How ``wsgi.py`` and ``asgi.py`` start: with all that it takes to serve, or with one sentence on what is missing."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, TypeVar

from django.contrib.staticfiles.storage import ManifestFilesMixin, staticfiles_storage
from django.core.exceptions import ImproperlyConfigured
from django.urls import get_resolver

if TYPE_CHECKING:
    from collections.abc import Callable

Application = TypeVar("Application")


def start(get_application: Callable[[], Application]) -> Application:
    """The application. Production settings unless DJANGO_SETTINGS_MODULE names others."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings.production")
    try:
        _check_static_files()
        application = get_application()
    except ImproperlyConfigured as error:
        sys.exit(f"Configuration error: {error}")  # one sentence in a container's log, no traceback
    # Django would wait for the first request: each worker would load all views for itself, and a fault show late
    get_resolver().url_patterns  # noqa: B018
    return application


def _check_static_files() -> None:
    """Every page names its style sheet by the manifest, and would be a 500 without it."""
    storage: Any = staticfiles_storage
    if isinstance(storage, ManifestFilesMixin) and storage.read_manifest() is None:
        raise ImproperlyConfigured("Run 'manage.py collectstatic' first: the pages need their static files.")
