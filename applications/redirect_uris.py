"""Which redirect URIs may be registered, and which of them a request may use (RFC 6749 §3.1.2, RFC 8252, RFC 9700)."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

from django.utils.translation import gettext as _

LOOPBACK_IPS = frozenset({"127.0.0.1", "::1"})
LOOPBACK_HOSTS = LOOPBACK_IPS | {"localhost"}
# Schemes that a browser executes, or that reach the person's own files
_FORBIDDEN_SCHEMES = frozenset(
    {"about", "blob", "data", "file", "filesystem", "ftp", "jar", "javascript", "mailto", "vbscript", "view-source"}
    | {"ws", "wss"}
)
# RFC 3986 §2: what a URI may be made of; a "*" is left out because it would look like a wildcard that we do not honour
_URI = re.compile(r"\A[A-Za-z][A-Za-z0-9+.-]*:(?:[A-Za-z0-9\-._~:/?@!$&'()+,;=\[\]]|%[0-9A-Fa-f]{2})+\Z")

_HOST = re.compile(r"\A(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|[0-9a-f:.]*:[0-9a-f:.]*)\Z")


def registration_error(uri: str) -> str | None:
    """Why ``uri`` may not be registered, as a sentence for a person; ``None`` when it may.

    ``https`` anywhere, ``http`` on loopback only (RFC 9700 §2.6, RFC 8252 §7.3), and private-use schemes in reverse
    domain notation for native apps (RFC 8252 §7.1).
    """
    if "#" in uri:
        return _("The redirect URI %(uri)s has a fragment (RFC 6749 §3.1.2 forbids it).") % {"uri": uri}
    if "*" in uri:
        return _("The redirect URI %(uri)s has a wildcard; register each URI in full.") % {"uri": uri}
    try:
        parts = urlsplit(uri)
        parts.port  # noqa: B018  # raises ValueError when it is no port
    except ValueError:
        parts = None
    if parts is None or not _URI.match(uri):
        return _("%(uri)s is not an absolute URI.") % {"uri": uri}
    return _scheme_error(uri, parts)


def _scheme_error(uri: str, parts: SplitResult) -> str | None:
    scheme = parts.scheme.lower()
    if scheme in _FORBIDDEN_SCHEMES:
        return _("Unauthorized redirect scheme: %(scheme)s") % {"scheme": scheme}
    if scheme in {"http", "https"}:
        return _web_uri_error(uri, parts)
    if "." not in scheme:
        return _(
            "Unauthorized redirect scheme: %(scheme)s. A native app's own scheme is a reversed domain name, "
            "such as com.example.app (RFC 8252 §7.1)."
        ) % {"scheme": scheme}
    return None


def _web_uri_error(uri: str, parts: SplitResult) -> str | None:
    if not uri[len(parts.scheme) :].startswith("://") or not is_host(parts.hostname):
        return _("The redirect URI %(uri)s has no host.") % {"uri": uri}
    if parts.username is not None or parts.password is not None:
        return _("The redirect URI %(uri)s must not carry a user name or password.") % {"uri": uri}
    if parts.scheme.lower() == "http" and parts.hostname not in LOOPBACK_HOSTS:
        return _("The redirect URI %(uri)s must use https; plain http is for loopback addresses only.") % {"uri": uri}
    return None


def is_host(name: str | None) -> bool:
    """Whether ``name``, in lower case, is made like a host name or an IP address."""
    return _HOST.match(name or "") is not None


def matches(registered: str, requested: str) -> bool:
    """Exact string comparison (RFC 9700 §2.1), but any port on a loopback IP address (RFC 8252 §7.3)."""
    if registered == requested:
        return True
    portless = _without_port(registered)
    return portless is not None and portless == _without_port(requested)


# "localhost" is a name, not an address (RFC 8252 §8.3)
_LOOPBACK_AUTHORITY = re.compile(r"\A(http://(?:127\.0\.0\.1|\[::1\]))(?::([0-9]{1,5}))?(?=[/?]|\Z)")
_HIGHEST_PORT = 65535


def _without_port(uri: str) -> str | None:
    """A URI of plain http to a loopback address, less its port; ``None`` for any other."""
    found = _LOOPBACK_AUTHORITY.match(uri)
    if found is None or int(found[2] or 0) > _HIGHEST_PORT:
        return None
    return found[1] + uri[found.end() :]
