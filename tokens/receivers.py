"""What happens to tokens when something happens on the floors below; :mod:`tokens.apps` connects it."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from awx_oauth.accounts.models import User
from awx_oauth.accounts.signals import password_changed
from tokens import revocation


@receiver(password_changed, dispatch_uid="tokens.end_tokens_of_old_password")
def end_tokens_of_old_password(*, user: User, **_kwargs: Any) -> None:
    """Whoever knew the old password may have got tokens with it. A person's own tokens stay: scripts live by them."""
    revocation.revoke_user_tokens(user, actor=None, personal=False)
