"""What every way to run the service shares. Nothing here is insecure, and nothing here is enough to start."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from settings import env
from settings.cors import *  # noqa: F403 - its own __all__ says what
from settings.limits import *  # noqa: F403 - its own __all__ says what
from settings.oauth import *  # noqa: F403 - the OAuth posture, explicit in its own __all__
from settings.openapi import *  # noqa: F403 - what describes it
from settings.rest import *  # noqa: F403 - the REST API, likewise

BASE_DIR = Path(__file__).resolve().parent.parent

DEBUG = False
ROOT_URLCONF = "awx_oauth.urls"
WSGI_APPLICATION = "awx_oauth.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "awx_oauth.admin.site.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "corsheaders",
    "drf_spectacular",
    "awx_oauth.accounts",
    "awx_oauth.activity",
    "applications",
    "tokens",
    "oauth2_provider",  # last: ours take the place of its commands createapplication and cleartokens
]

MIDDLEWARE = [
    "awx_oauth.metrics.MetricsMiddleware",
    "awx_oauth.middleware.RequestContextMiddleware",
    "tokens.refusals.RefusalMiddleware",
    "tokens.cors.CorsMiddleware",
    "awx_oauth.health.HealthMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "awx_oauth.middleware.SecurityHeadersMiddleware",
    "awx_oauth.middleware.BodyLimitMiddleware",
    "awx_oauth.middleware.ProtocolMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "awx_oauth.middleware.LanguageMiddleware",
    "awx_oauth.middleware.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "awx_oauth.middleware.TooManyFailuresMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # Before the apps' own, so that Django admin's and DRF's templates can be overridden
        "DIRS": [BASE_DIR / "awx_oauth" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            # awx_oauth itself is no app, whose libraries Django would find
            "libraries": {"api_links": "awx_oauth.templatetags.api_links"},
        },
    },
]

# Keys that were SECRET_KEY before: what they signed still counts
SECRET_KEY_FALLBACKS = env.items("SECRET_KEY_FALLBACKS")

# --- Proxies: whose X-Forwarded-* headers are believed; nobody's by default
TRUSTED_PROXIES = env.networks("TRUSTED_PROXIES")

# --- Metrics: who may read /metrics without METRICS_TOKEN, asking directly and not through a proxy
METRICS_ALLOWED = env.networks("METRICS_ALLOWED") or ["127.0.0.0/8", "::1"]
METRICS_TOKEN = env.string("METRICS_TOKEN")

# --- People: passwords, sessions, login
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["awx_oauth.accounts.backends.PasswordBackend"]
PASSWORD_HASHERS = [
    "awx_oauth.accounts.hashers.Argon2idHasher",
    # Django's others check passwords that were imported; the next login hashes them anew with the first
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2SHA1PasswordHasher",
    "django.contrib.auth.hashers.BCryptSHA256PasswordHasher",
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    # Not for people: django-oauth-toolkit finds the hasher of client secrets here
    "applications.hashers.ClientSecretHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "/api/login/"
LOGIN_REDIRECT_URL = "/"
SESSION_ENGINE = "awx_oauth.accounts.sessions"
SESSION_COOKIE_NAME = "awx_sessionid"  # AWX compatibility: awxkit looks for this name
SESSION_COOKIE_AGE = 1800  # seconds, AWX's SESSION_COOKIE_AGE
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"  # not Strict: a client's redirect to /api/o/authorize/ must find the session
CSRF_COOKIE_NAME = "csrftoken"
CSRF_COOKIE_HTTPONLY = False  # AWX compatibility: awxkit copies it into a header
CSRF_FAILURE_VIEW = "awx_oauth.errors.csrf_failure"

# --- Requests
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024  # bytes; the largest honest request is a form of a few KB
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
DATA_UPLOAD_MAX_NUMBER_FILES = 0  # nothing takes files
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"

# --- Language and time
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = "en"
LOCALE_PATHS = [BASE_DIR / "awx_oauth" / "locale"]
LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("fr", "Français"), ("es", "Español"), ("ja", "日本語")]

# --- Static files, served by whitenoise: compressed, and named by content so that browsers keep them
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "awx_oauth" / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# --- Logs: one line a record on stderr, the request's id in each. Messages never carry secrets.
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "request_id": {"()": "awx_oauth.logs.RequestIdFilter"},
        "refused_request": {"()": "awx_oauth.logs.RefusedRequestFilter"},
    },
    "formatters": {
        "plain": {"format": "{asctime} {levelname} {name} [{request_id}] {message}", "style": "{"},
        "json": {"()": "awx_oauth.logs.JsonFormatter"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "filters": ["request_id", "refused_request"],
            "formatter": "plain",
        },
    },
    "root": {"handlers": ["console"], "level": env.choice("LOG_LEVEL", ["INFO", "DEBUG", "WARNING", "ERROR"])},
    "loggers": {
        # Django's and gunicorn's own handlers would write the same again, in another format
        "django": {"handlers": [], "propagate": True},
        "gunicorn.error": {"handlers": [], "propagate": True, "level": "INFO"},
        # At DEBUG it writes tokens and passwords
        "oauthlib": {"level": "INFO"},
        # Refusals are in the request log with their status; only what failed on our side needs a second line
        "django.request": {"level": "ERROR"},
    },
}
