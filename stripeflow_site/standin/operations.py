"""The table of API endpoints, and what one call of an endpoint knows."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from werkzeug.routing import Map, Rule

from stripeflow_site.standin import params as kinds
from stripeflow_site.standin.params import Spec
from stripeflow_site.standin.store import Object, Scope
from stripeflow_site.standin.world import Origin, World


@dataclass(frozen=True)
class Call:
    """One API call that passed its checks: typed parameters and the ids of its URL."""

    world: World
    origin: Origin
    path: str
    params: dict[str, Any] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)

    @property
    def scope(self) -> Scope:
        """Whose objects."""
        return self.origin.scope

    def get(self, kind: str, *, param: str = "id") -> Object:
        """The object that the URL names. Raises ApiFailure 404."""
        return self.world.store.get(self.scope, kind, self.ids["id"], param=param)


Handler = Callable[[Call], Object]


@dataclass(frozen=True, eq=False)
class Operation:
    """An endpoint: its handler, the parameters it takes and those it needs."""

    handler: Handler
    spec: Spec
    required: tuple[str, ...]

    def check(self, given: dict[str, Any]) -> dict[str, Any]:
        """Typed parameters. Raises ApiFailure 400."""
        return kinds.check(given, self.spec, required=self.required)


URLS = Map(strict_slashes=True, merge_slashes=False)


def operation(
    method: str, path: str, spec: Spec | None = None, *, required: Iterable[str] = ()
) -> Callable[[Handler], Handler]:
    """Register an endpoint; `<id>` in the path becomes `call.ids["id"]`."""

    def register(handler: Handler) -> Handler:
        entry = Operation(handler, spec or {}, tuple(required))
        URLS.add(Rule(path, methods=[method], endpoint=entry))
        return handler

    return register
