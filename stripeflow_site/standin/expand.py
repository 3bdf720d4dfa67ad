"""`expand[]`: ids in a reply become the objects they name."""

from typing import Any

from stripeflow_site.standin.errors import invalid
from stripeflow_site.standin.listing import listed
from stripeflow_site.standin.store import Object, Scope, Store, snapshot

DEEPEST = 4


def expanded(store: Store, scope: Scope, obj: Object, paths: list[str]) -> Object:
    """A copy of the object with those paths expanded. Raises ApiFailure 400 for one that cannot be."""
    copy = snapshot(obj)
    for path in paths:
        parts = path.split(".")
        if len(parts) > DEEPEST:
            raise invalid("You cannot expand more than 4 levels of a property", "expand")
        _walk(store, scope, copy, parts, path)
    return copy


def _walk(store: Store, scope: Scope, value: Any, parts: list[str], path: str) -> None:  # noqa: ANN401
    if isinstance(value, list):
        for item in value:
            _walk(store, scope, item, parts, path)
    if not parts or not isinstance(value, dict):
        return
    name = parts[0]
    value[name] = _replaced(store, scope, value, name, path)
    _walk(store, scope, value[name], parts[1:], path)


def _replaced(store: Store, scope: Scope, holder: Object, name: str, path: str) -> Any:  # noqa: ANN401
    if name not in holder:
        return _included(store, scope, holder, name, path)
    value = holder[name]
    if isinstance(value, str):
        return snapshot(store.by_id(scope, value)) if "_" in value else _refuse(path)
    return value if value is None or isinstance(value, dict | list) else _refuse(path)


def _included(store: Store, scope: Scope, holder: Object, name: str, path: str) -> Any:  # noqa: ANN401
    """Fields that Stripe leaves out until they are asked for."""
    id, kind = holder.get("id", ""), holder.get("object")
    if kind == "charge" and name == "refunds":
        refunds = store.newest(scope, "refund", where=lambda refund: refund["charge"] == id)
        return listed(f"/v1/charges/{id}/refunds", snapshot(list(refunds)))
    if kind == "customer" and name in ("sources", "subscriptions", "tax_ids"):
        return listed(f"/v1/customers/{id}/{name}", []) | {"total_count": 0}
    if kind == "customer" and name in ("cash_balance", "tax"):
        return None
    return _refuse(path)


def _refuse(path: str) -> None:
    raise invalid(f"This property cannot be expanded ({path}).", "expand")
