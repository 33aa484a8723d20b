"""The Content-Security-Policy of the service's pages."""

from __future__ import annotations

_DIRECTIVES = {
    "default-src": "'none'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "script-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
}


def policy(**changes: str | None) -> str:
    """The header's value, with directives changed or added by name: ``policy(form_action="'self' https://a.example")``.

    ``None`` leaves a directive out.

    A view that needs another policy than :class:`~awx_oauth.middleware.SecurityHeadersMiddleware` gives it sets the
    header itself, from here.
    """
    directives = _DIRECTIVES | {name.replace("_", "-"): value for name, value in changes.items()}
    return "; ".join(f"{name} {value}" for name, value in directives.items() if value is not None)
