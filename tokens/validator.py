"""The library's hooks: what oauthlib's grants ask, answered from our rows.

The client is already authenticated when a grant runs (:mod:`tokens.endpoints.client_authentication`), and what it
presents is already looked up. Only a device code is locked meanwhile: with any other, storing the tokens fails when
another request was faster, and the grant runs anew.
"""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.contrib.auth import authenticate
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauthlib.common import Request
from oauthlib.oauth2.rfc6749 import errors

from applications.models import Application
from awx_oauth import context
from awx_oauth.accounts.models import User
from tokens import devices, scopes, services
from tokens.refusals import shown, shown_uri

GrantType = Application.GrantType

_ALLOWED_BY = {
    "authorization_code": {GrantType.AUTHORIZATION_CODE},
    "password": {GrantType.PASSWORD},
    "client_credentials": {GrantType.CLIENT_CREDENTIALS},
    "refresh_token": {GrantType.AUTHORIZATION_CODE, GrantType.PASSWORD, GrantType.DEVICE_CODE},
    "urn:ietf:params:oauth:grant-type:device_code": {GrantType.DEVICE_CODE},
}

_CODE_VERIFIER = re.compile(r"\A[A-Za-z0-9\-._~]{43,128}\Z")  # RFC 7636 §4.1


def enabled_grant_types() -> list[str]:
    """The ``grant_type`` values that the token endpoint takes, as the metadata lists them."""
    return [name for name in _ALLOWED_BY if name != "password" or settings.PASSWORD_GRANT_ENABLED]


def may_use(client: Application, grant_type: str) -> bool:
    """One grant type an application, and refresh; client credentials need credentials (RFC 6749 §4.4)."""
    if grant_type == "client_credentials" and client.is_public:
        return False
    return client.authorization_grant_type in _ALLOWED_BY[grant_type]


class Validator(OAuth2Validator):
    """Answers for the grants of :class:`tokens.server.Server`."""

    # The client

    def client_authentication_required(self, request: Request, *args: Any, **kwargs: Any) -> bool:
        """Always: also a public client is known by now."""
        return True

    def authenticate_client(self, request: Request, *args: Any, **kwargs: Any) -> bool:
        """Done before the grant began."""
        return request.client is not None

    def validate_grant_type(
        self, client_id: str, grant_type: str, client: Application, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        """Asked before the grant began: the library would check a user's password first."""
        return may_use(client, grant_type)

    # Scopes

    def get_default_scopes(self, client_id: str, request: Request, *args: Any, **kwargs: Any) -> tuple[str, ...]:
        """RFC 6749 §3.3: what an omitted scope means."""
        return scopes.default()

    def validate_scopes(
        self, client_id: str, requested: list[str], client: Application, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        """Unknown ones are refused, repeated ones count once."""
        request.scopes = list(dict.fromkeys(requested))
        known = scopes.are_known(request.scopes)
        if not known:
            context.because(f"The request asked for the scope {shown(' '.join(requested))}.")
        return known

    # Authorization code (RFC 6749 §4.1.3, RFC 7636 §4.6)

    def validate_code(
        self, client_id: str, code: str, client: Application, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        """Find the code; the answer spends it, whatever it says (RFC 9700 §4.5)."""
        request.grant = services.check_code(request.found, application=client)
        if request.grant is None or not services.is_redeemable(request.grant):
            return False
        if not _verifier_fits(request.grant.code_challenge, request.code_verifier):
            return False
        request.user = request.grant.user
        request.scopes = list(scopes.parse(request.grant.scope))
        return True

    def get_code_challenge(self, code: str, request: Request) -> str | None:
        """The challenge that the authorization request carried."""
        return request.grant.code_challenge or None

    def get_code_challenge_method(self, code: str, request: Request) -> str:
        """The only one there is (RFC 9700 §2.1.1)."""
        return "S256"

    def is_pkce_required(self, client_id: str, request: Request) -> bool:
        """Already decided when the code was granted: one without a challenge was allowed to be."""
        return False

    def get_default_redirect_uri(self, client_id: str, request: Request, *args: Any, **kwargs: Any) -> str:
        """A redirect URI that the authorization request named must be named again (RFC 6749 §4.1.3)."""
        if request.grant.redirect_uri_given:
            raise errors.InvalidGrantError("Missing redirect_uri: the authorization request had one.", request=request)
        return str(request.grant.redirect_uri)

    def confirm_redirect_uri(
        self, client_id: str, code: str, redirect_uri: str, client: Application, request: Request, *args: Any, **kw: Any
    ) -> bool:
        """Identical to the one the code was sent to; ``invalid_grant`` otherwise (RFC 6749 §5.2)."""
        if redirect_uri != request.grant.redirect_uri:
            sent, asked = shown_uri(redirect_uri), shown_uri(request.grant.redirect_uri)
            context.because(f"The token request sent the redirect URI {sent}, the authorization request {asked}.")
            raise errors.InvalidGrantError("Mismatching redirect URI.", request=request)
        return True

    def invalidate_authorization_code(
        self, client_id: str, code: str, request: Request, *args: Any, **kwargs: Any
    ) -> None:
        """Storing the tokens does, in the same statement."""

    # Password (RFC 6749 §4.3)

    def validate_user(
        self, username: str, password: str, client: Application, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        """An unknown user costs as much time as a wrong password: the backend sees to that."""
        candidates = [request.found] if request.found is not None else []
        user = authenticate(username=username, password=password, candidates=candidates)
        if not isinstance(user, User):
            context.because(_why_not_authenticated(request.found))
            return False
        request.user = user
        return True

    # Refresh token (RFC 6749 §6)

    def validate_refresh_token(
        self, refresh_token: str, client: Application, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        """Find it; storing the new tokens spends it, so that an error before then loses nothing."""
        request.spent = services.check_refresh_token(request.found, application=client)
        if request.spent is None:
            return False
        if request.scope:
            wanted = scopes.parse(request.scope)
            if not set(wanted) <= set(scopes.parse(request.spent.scope)):
                granted = shown(request.spent.scope)
                context.because(f"The request asked for the scope {shown(request.scope)}; granted was {granted}.")
                raise errors.InvalidScopeError(request=request)
            request.scope = scopes.join(wanted)
        request.user = request.spent.user
        return True

    def get_original_scopes(self, refresh_token: str, request: Request, *args: Any, **kwargs: Any) -> list[str]:
        """What the resource owner granted, however narrow the last access token was."""
        return list(scopes.parse(request.spent.scope))

    # Device code (RFC 8628 §3.4)

    def validate_device_code(self, client_id: str, device_code: str, request: Request) -> str | None:
        """How far the person is; the code is spent once they have allowed it."""
        status, request.grant = devices.poll(application=request.client, device_code=device_code)
        if request.grant is not None:
            request.user = request.grant.user
            request.scopes = list(scopes.parse(request.grant.scope))
        return status

    # All

    def save_bearer_token(self, token: dict[str, Any], request: Request, *args: Any, **kwargs: Any) -> None:
        """Store the digests of what the grant is about to answer with."""
        context.note(user_id=request.user.pk if request.user else None)
        services.store_tokens(
            services.Cleartexts(token["access_token"], token.get("refresh_token")),
            application=request.client,
            user=request.user,
            scope=token["scope"],
            lifetime=token["expires_in"],
            granted=request.grant,
            spent=request.spent,
            proven=request.grant_type == "password",
        )


def _verifier_fits(challenge: str, verifier: str | None) -> bool:
    """Well-formed (RFC 7636 §4.1), and not sent to a code without a challenge (RFC 9700 §2.1.1, the downgrade)."""
    if verifier is None:
        return True  # the grant says what is missing, if anything is
    if not challenge:
        context.because("The request sent a code_verifier, but the authorization request had no code_challenge.")
        return False
    if _CODE_VERIFIER.match(verifier) is None:
        context.because("The code_verifier is not 43 to 128 letters, digits and -._~ (RFC 7636 §4.1).")
        return False
    return True


def _why_not_authenticated(user: User | None) -> str:
    """A name that nobody has is not kept: people type passwords there."""
    if user is None:
        return "No user has the name that was sent."
    context.note(user_id=user.pk)
    return "The password is wrong." if user.is_active else "The user is not active."
