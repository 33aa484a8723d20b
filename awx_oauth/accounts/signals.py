"""What accounts tell the apps above them."""

from __future__ import annotations

from django.dispatch import Signal

# Sent in the transaction that stored a user's new password; keyword argument: user
password_changed = Signal()
