"""Which pages may call the token, revocation and metadata endpoints from a browser (RFC 7009 §2.3)."""

from __future__ import annotations

import re
from typing import Any

from corsheaders import middleware
from corsheaders.signals import check_request_enabled
from django.conf import settings
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils.cache import patch_vary_headers

from applications.models import Application


class CorsMiddleware(middleware.CorsMiddleware):
    """The library's, which is asked only where a page might call, and for requests that name their page."""

    def __call__(self, request: HttpRequest) -> Any:
        """Serve the request; whether it may be read elsewhere depends on its origin, also where it has none."""
        if "HTTP_ORIGIN" in request.META:
            return super().__call__(request)
        response: Any = self.get_response(request)
        if self.is_enabled(request):
            patch_vary_headers(response, ("origin",))
        return response

    def is_enabled(self, request: HttpRequest) -> bool:
        """The endpoints alone: the library would look for the origin's client at every other path, too."""
        return re.match(settings.CORS_URLS_REGEX, request.path_info) is not None


@receiver(check_request_enabled, dispatch_uid="tokens.is_from_registered_origin")
def is_from_registered_origin(*, request: HttpRequest, **_kwargs: Any) -> bool:
    """Whether a public client has registered the origin of the page, exactly.

    Which client asks is not known yet: a preflight does not say, and an error may not either.
    """
    origin = request.headers["Origin"]
    in_browsers = Application.objects.filter(client_type=Application.ClientType.PUBLIC).exclude(allowed_origins="")
    return any(client.allows_origin(origin) for client in in_browsers.only("client_type", "allowed_origins"))
