"""Who may do what, as far as every resource has it in common; each app says the rest in its own rules."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request


class Rules:
    """What the caller of ``request`` may do to rows of one model that they may read. As it stands: nothing."""

    def may_add(self, request: Request) -> bool:
        """Whether the caller may add any row; what a new row says is checked with its fields."""
        return False

    def may_change(self, request: Request, target: Any) -> bool:
        """Whether the caller may change ``target``."""
        return False

    def may_delete(self, request: Request, target: Any) -> bool:
        """Whether the caller may delete ``target``."""
        return self.may_change(request, target)
