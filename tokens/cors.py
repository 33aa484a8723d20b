"""Which pages may call the token, revocation and metadata endpoints from a browser (RFC 7009 §2.3)."""

from __future__ import annotations

import re
from typing import Any

from corsheaders.signals import check_request_enabled
from django.conf import settings
from django.dispatch import receiver
from django.http import HttpRequest

from applications.models import Application


@receiver(check_request_enabled, dispatch_uid="tokens.is_from_registered_origin")
def is_from_registered_origin(*, request: HttpRequest, **_kwargs: Any) -> bool:
    """Whether a public client has registered the origin of the page, exactly.

    Which client asks is not known yet: a preflight does not say, and an error may not either.
    """
    origin = request.headers.get("Origin")
    # The library asks here for paths outside its own pattern, too
    if origin is None or not re.match(settings.CORS_URLS_REGEX, request.path_info):
        return False
    in_browsers = Application.objects.filter(client_type=Application.ClientType.PUBLIC).exclude(allowed_origins="")
    return any(client.allows_origin(origin) for client in in_browsers.only("client_type", "allowed_origins"))
