"""Who may read the audit log."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from awx_oauth.activity.models import Activity
from awx_oauth.rest import visibility


@visibility.reads(Activity)
def readable_activity(user: Any) -> QuerySet[Activity]:
    """All of it for superusers and system auditors; others see what they did, and what was done to what they see."""
    if user.is_superuser or user.is_system_auditor:
        return Activity.objects.all()
    seen = Q(actor=user)
    for awx_type, model in visibility.resources().items():
        if model is not Activity:
            seen |= Q(object_type=awx_type, object_id__in=visibility.readable(model, user).values("pk"))
    return Activity.objects.filter(seen)
