"""Writing the audit log. Every change goes through :func:`record`, in the transaction of the change itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Model

from awx_oauth import context, metrics, sql
from awx_oauth.activity.models import Activity, Event

_OPERATIONS = {
    Event.USER_CREATED: Activity.Operation.CREATE,
    Event.USER_CHANGED: Activity.Operation.UPDATE,
    Event.USER_PASSWORD_CHANGED: Activity.Operation.UPDATE,
    Event.USER_DELETED: Activity.Operation.DELETE,
    Event.ORGANIZATION_CREATED: Activity.Operation.CREATE,
    Event.ORGANIZATION_CHANGED: Activity.Operation.UPDATE,
    Event.ORGANIZATION_DELETED: Activity.Operation.DELETE,
    Event.MEMBER_ADDED: Activity.Operation.ASSOCIATE,
    Event.MEMBER_REMOVED: Activity.Operation.DISASSOCIATE,
    Event.APPLICATION_CREATED: Activity.Operation.CREATE,
    Event.APPLICATION_CHANGED: Activity.Operation.UPDATE,
    Event.APPLICATION_DELETED: Activity.Operation.DELETE,
    Event.SECRET_ROTATED: Activity.Operation.UPDATE,
    Event.TOKEN_ISSUED: Activity.Operation.CREATE,
    Event.TOKEN_REFRESHED: Activity.Operation.CREATE,
    Event.TOKEN_CHANGED: Activity.Operation.UPDATE,
    Event.TOKEN_REVOKED: Activity.Operation.DELETE,
}

# Each from the start: Prometheus sees no increase in a counter that begins with it
_COUNTED = {event: metrics.EVENTS.labels(event.value) for event in Event}


def record(
    event: Event,
    *,
    actor: Any = None,
    client_id: str = "",
    target: Any = None,
    changes: dict[str, Any] | None = None,
    rows: Sequence[Model] = (),
    when: sql.Condition | None = None,
    without: sql.Removed | None = None,
) -> bool:
    """Write one entry about ``target``, a model with AWX's type name as ``awx_type``.

    ``actor`` is a user, or ``None`` when a client acts for itself. ``changes`` has AWX's shape: ``{field: value}`` for
    a creation or deletion, ``{field: [old, new]}`` for a change; callers leave secrets out. ``rows``, ``when`` and
    ``without`` are written with the entry: see :func:`awx_oauth.sql.write`. Returns whether ``when`` applied.
    """
    where = context.current()
    operation = _OPERATIONS.get(event)
    known = actor if actor is not None and actor.is_authenticated else None
    entry = sql.new(
        Activity,
        event=event.value,
        operation=operation.value if operation else "",
        actor=known,
        actor_name=known.get_username() if known else "",
        client_id=client_id,
        object_type=target.awx_type if target is not None else "",
        object_id=target.pk if target is not None else None,
        object_name=str(target)[:512] if target is not None else "",
        changes=changes or {},
        remote_address=where.remote_address if where else None,
        request_id=where.request_id if where else "",
    )
    written = sql.write(*rows, entry, when=when, without=without)
    if written:
        _COUNTED[event].inc()
    return written
