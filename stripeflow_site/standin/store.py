"""The objects that the stand-in holds in memory, apart for each account and mode."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from stripeflow_site.standin.errors import no_such

Object = dict[str, Any]


@dataclass(frozen=True)
class Scope:
    """Whose objects: the platform's ("") or a connected account's, in test or live mode."""

    account: str = ""
    livemode: bool = False


def snapshot(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """A deep copy of a JSON value."""
    return json.loads(json.dumps(value))


class Store:
    """Objects by scope, kind and id, in the order in which they were made.

    It holds no lock: its callers hold the world's.
    """

    def __init__(self) -> None:
        self._kinds: dict[tuple[Scope, str], dict[str, Object]] = {}

    def add(self, scope: Scope, obj: Object) -> Object:
        """Keep an object, by its own `object` and `id`."""
        self._kinds.setdefault((scope, obj["object"]), {})[obj["id"]] = obj
        return obj

    def find(self, scope: Scope, kind: str, id: str) -> Object | None:
        """The object, or None."""
        return self._kinds.get((scope, kind), {}).get(id)

    def get(self, scope: Scope, kind: str, id: str, *, param: str = "id", status: int = 404) -> Object:
        """The object. Raises ApiFailure (`resource_missing`) if there is none."""
        found = self.find(scope, kind, id)
        if found is None:
            raise no_such(kind.rpartition(".")[2], id, param=param, status=status)
        return found

    def newest(
        self, scope: Scope, kind: str, *, where: Callable[[Object], bool] = lambda _: True
    ) -> Iterator[Object]:
        """The objects of a kind that fit, newest first, as Stripe lists them."""
        made = self._kinds.get((scope, kind), {})
        return (obj for obj in reversed(list(made.values())) if where(obj))

    def by_id(self, scope: Scope, id: str) -> Object | None:
        """An object of any kind."""
        return next((kind[id] for (of, _), kind in self._kinds.items() if of == scope and id in kind), None)

    def anywhere(self, kind: str, id: str) -> Object | None:
        """An object of a kind in whatever scope."""
        return next((made[id] for (_, of), made in self._kinds.items() if of == kind and id in made), None)

    def everywhere(self, kind: str) -> Iterator[tuple[Scope, Object]]:
        """The objects of a kind in all scopes, oldest first within each."""
        for (scope, of), objects in list(self._kinds.items()):
            if of == kind:
                yield from ((scope, obj) for obj in list(objects.values()))

    def clear(self) -> None:
        """Forget all."""
        self._kinds.clear()


def difference(before: Object, after: Object) -> Object:
    """Stripe's `previous_attributes`: the old values of what changed, null for keys that are new."""
    changed: Object = {}
    for key in after.keys() | before.keys():
        old, new = before.get(key), after.get(key)
        if old == new and (key in before) == (key in after):
            continue
        changed[key] = difference(old, new) if isinstance(old, dict) and isinstance(new, dict) else old
    return changed
