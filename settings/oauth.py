"""The whole OAuth posture in one place, each line with the section that asks for it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from settings import env

__all__ = [
    "ACTIVITY_RETENTION_DAYS",
    "AUTHORIZATION_REQUEST_SECONDS",
    "CLEANUP_INTERVAL_SECONDS",
    "DEVICE_CODE_EXPIRE_SECONDS",
    "DEVICE_POLLING_INTERVAL_SECONDS",
    "OAUTH2_ISSUER",
    "OAUTH2_PROVIDER",
    "OAUTH2_PROVIDER_ACCESS_TOKEN_MODEL",
    "OAUTH2_PROVIDER_APPLICATION_MODEL",
    "OAUTH2_PROVIDER_DEVICE_GRANT_MODEL",
    "OAUTH2_PROVIDER_GRANT_MODEL",
    "OAUTH2_PROVIDER_ID_TOKEN_MODEL",
    "OAUTH2_PROVIDER_REFRESH_TOKEN_MODEL",
    "PASSWORD_GRANT_ENABLED",
    "PERSONAL_ACCESS_TOKEN_EXPIRE_SECONDS",
    "REFUSALS_KEPT_PER_MINUTE",
    "REFUSALS_KEPT_PER_MINUTE_AND_ADDRESS",
    "REFUSAL_RETENTION_DAYS",
]

OAUTH2_PROVIDER_APPLICATION_MODEL = "applications.Application"
OAUTH2_PROVIDER_ACCESS_TOKEN_MODEL = "tokens.AccessToken"  # noqa: S105
OAUTH2_PROVIDER_REFRESH_TOKEN_MODEL = "tokens.RefreshToken"  # noqa: S105
OAUTH2_PROVIDER_GRANT_MODEL = "tokens.Grant"
OAUTH2_PROVIDER_ID_TOKEN_MODEL = "tokens.IDToken"  # noqa: S105
OAUTH2_PROVIDER_DEVICE_GRANT_MODEL = "tokens.DeviceGrant"

# RFC 8414 §2, RFC 9207 §2: who we say we are. Empty: the address of the request, for development only
OAUTH2_ISSUER = env.string("OAUTH2_ISSUER", "").rstrip("/")

# RFC 9700 §2.4 forbids the password grant, AWX's `awx login` needs it: on by default, one setting turns it off
PASSWORD_GRANT_ENABLED = env.boolean("PASSWORD_GRANT_ENABLED", default=True)

# Seconds that a personal access token lives; a person may ask for less
PERSONAL_ACCESS_TOKEN_EXPIRE_SECONDS = env.integer("PERSONAL_ACCESS_TOKEN_EXPIRE_SECONDS", 365 * 24 * 3600, minimum=1)

# Seconds that a person may take over the consent page
AUTHORIZATION_REQUEST_SECONDS = env.integer("AUTHORIZATION_REQUEST_SECONDS", 600, minimum=1)

# RFC 8628 §3.2: seconds that a person has to approve a device, and between two polls of the device
DEVICE_CODE_EXPIRE_SECONDS = env.integer("DEVICE_CODE_EXPIRE_SECONDS", 1800, minimum=1)
DEVICE_POLLING_INTERVAL_SECONDS = env.integer("DEVICE_POLLING_INTERVAL_SECONDS", 5, minimum=1)

# Seconds between two cleanings of what has ended, by whichever worker comes first; 0: only by command
CLEANUP_INTERVAL_SECONDS = env.integer("CLEANUP_INTERVAL_SECONDS", 3600)

# Days that the audit log goes back; 0: for ever
ACTIVITY_RETENTION_DAYS = env.integer("ACTIVITY_RETENTION_DAYS", 365)

# Days that refused protocol requests are kept with their reasons (manage.py explain); 0: none is kept
REFUSAL_RETENTION_DAYS = env.integer("REFUSAL_RETENTION_DAYS", 7)
# So that a flood of them does not fill the database: for each process, and for each address over all processes
REFUSALS_KEPT_PER_MINUTE = env.integer("REFUSALS_KEPT_PER_MINUTE", 60)
REFUSALS_KEPT_PER_MINUTE_AND_ADDRESS = env.integer("REFUSALS_KEPT_PER_MINUTE_AND_ADDRESS", 20)

OAUTH2_PROVIDER = {
    # RFC 6749 §4.1.2: short-lived; a minute is enough for a redirect
    "AUTHORIZATION_CODE_EXPIRE_SECONDS": env.integer("AUTHORIZATION_CODE_EXPIRE_SECONDS", 60, minimum=1),
    # RFC 6749 §5.1 expires_in
    "ACCESS_TOKEN_EXPIRE_SECONDS": env.integer("ACCESS_TOKEN_EXPIRE_SECONDS", 36000, minimum=1),
    # RFC 9700 §4.14.2: refresh tokens expire when they are not used
    "REFRESH_TOKEN_EXPIRE_SECONDS": env.integer("REFRESH_TOKEN_EXPIRE_SECONDS", 2628000, minimum=1),
    # RFC 6749 §6, RFC 9700 §4.14.2: each use gives a new one, and a second use ends the family
    "ROTATE_REFRESH_TOKEN": True,
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    # RFC 6749 §3.3; AWX's two scopes, both when a client asks for none
    "SCOPES": {
        "read": _("See everything that you can see."),
        "write": _("See, create, change and delete everything that you can."),
    },
    "DEFAULT_SCOPES": ["__all__"],
    # RFC 8252 §7.3 needs http on loopback; applications.redirect_uris refuses it elsewhere
    "ALLOWED_REDIRECT_URI_SCHEMES": ["http", "https"],
    "ALLOW_URI_WILDCARDS": False,  # RFC 9700 §2.1: exact matching
    "CLIENT_SECRET_HASHER": "client_sha256",
    "OIDC_ENABLED": False,
    "OAUTH2_SERVER_CLASS": "tokens.server.Server",
    "OAUTH2_VALIDATOR_CLASS": "tokens.validator.Validator",
    "APPLICATION_ADMIN_CLASS": "tokens.admin.ApplicationAdmin",
    "ACCESS_TOKEN_ADMIN_CLASS": "tokens.admin.AccessTokenAdmin",
    "REFRESH_TOKEN_ADMIN_CLASS": "tokens.admin.RefreshTokenAdmin",
    "GRANT_ADMIN_CLASS": "tokens.admin.GrantAdmin",
    "ID_TOKEN_ADMIN_CLASS": "tokens.admin.IDTokenAdmin",
    # RFC 9700, the library's gates: all on but the password grant's (above)
    "COMPLIANT_BCP_RFC9700_IMPLICIT_GRANT": True,  # §2.1.2
    "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,  # §2.1.1: S256 only
    "COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT": True,  # §4.3.2: never in a URI
    "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,  # §4.4, RFC 9207
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,  # §4: digests only
    "COMPLIANT_BCP_RFC9700_REFRESH_TOKEN": True,  # §4.14.2
    "COMPLIANT_BCP_RFC9700_REDIRECT_URI_MATCHING": True,  # §4.1.1
    "COMPLIANT_BCP_RFC9700_PASSWORD_GRANT": False,
}
