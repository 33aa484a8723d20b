"""How often something may fail in a window before it has to wait; 0 switches a limit off (awx_oauth.throttling)."""

from __future__ import annotations

from settings import env

__all__ = [
    "FAILED_PASSWORDS_PER_ADDRESS",
    "FAILED_PASSWORDS_PER_USER_AND_ADDRESS",
    "FAILED_SECRETS_PER_CLIENT_AND_ADDRESS",
    "FAILED_USER_CODES_PER_USER",
    "FAILURE_WINDOW_SECONDS",
    "UNKNOWN_TOKENS_PER_CLIENT",
]

FAILURE_WINDOW_SECONDS = env.integer("FAILURE_WINDOW_SECONDS", 300, minimum=1)

# RFC 6749 §4.3.2: a person mistypes a few times; a success begins the count anew
FAILED_PASSWORDS_PER_USER_AND_ADDRESS = env.integer("FAILED_PASSWORDS_PER_USER_AND_ADDRESS", 20)
FAILED_PASSWORDS_PER_ADDRESS = env.integer("FAILED_PASSWORDS_PER_ADDRESS", 200)

# RFC 6749 §2.3.1: the right secret always passes, so a client is never locked out
FAILED_SECRETS_PER_CLIENT_AND_ADDRESS = env.integer("FAILED_SECRETS_PER_CLIENT_AND_ADDRESS", 50)

# RFC 8628 §5.1: 20 guesses at 34 bits
FAILED_USER_CODES_PER_USER = env.integer("FAILED_USER_CODES_PER_USER", 20)

# RFC 7662 §4: a resource server sees expired tokens all day, a guesser sees nothing else
UNKNOWN_TOKENS_PER_CLIENT = env.integer("UNKNOWN_TOKENS_PER_CLIENT", 5000)
