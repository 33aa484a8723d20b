"""For production: has no default where a wrong guess would be unsafe, and refuses to start without an answer."""

from __future__ import annotations

from copy import deepcopy
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from settings import base, env, services
from settings.base import *  # noqa: F403

SECRET_KEY = env.required("SECRET_KEY", "a random string of 50 characters or more that only this service knows")
ALLOWED_HOSTS = env.items("ALLOWED_HOSTS")
if not ALLOWED_HOSTS:
    raise ImproperlyConfigured("Set ALLOWED_HOSTS to the host names that people use for this service, comma-separated.")

DATABASES = {
    "default": services.database(
        env.required("DATABASE_URL", "the address of the database, such as postgres://user@host:5432/name")
    )
}
# The database is shared between nodes already; Redis is faster
CACHES = {"default": services.cache(env.string("CACHE_URL", "db://awx_oauth_cache"))}

# RFC 8414 §2: the issuer is an https URL without query or fragment, not even empty ones
_issuer = urlsplit(base.OAUTH2_ISSUER)
if f"https://{_issuer.netloc}{_issuer.path}" != base.OAUTH2_ISSUER or not _issuer.hostname or "@" in _issuer.netloc:
    raise ImproperlyConfigured(
        "Set OAUTH2_ISSUER to the public https address of this service, such as https://auth.example.org."
    )
CSRF_TRUSTED_ORIGINS = [f"https://{_issuer.netloc}"]

SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
SECURE_SSL_REDIRECT = env.boolean("SECURE_SSL_REDIRECT", default=True)
SECURE_HSTS_SECONDS = env.integer("SECURE_HSTS_SECONDS", 365 * 24 * 3600)
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.boolean("SECURE_HSTS_INCLUDE_SUBDOMAINS", default=True)
SECURE_HSTS_PRELOAD = env.boolean("SECURE_HSTS_PRELOAD", default=True)
# RequestContextMiddleware has removed this header when the request did not come from a trusted proxy
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if base.TRUSTED_PROXIES else None

LOGGING = deepcopy(base.LOGGING)
LOGGING["handlers"]["console"]["formatter"] = "json"

SILENCED_SYSTEM_CHECKS = [
    # The library's gate for the password grant is not the setting that we have: tokens.W001 warns, and says which it is
    "oauth2_provider.W002",
    # RFC 8252 §7.3: native apps redirect to http on loopback; applications.redirect_uris allows plain http nowhere else
    "oauth2_provider.W008",
]
