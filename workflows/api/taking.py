"""What an operation takes, declared where it is documented, and read before it begins."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

from rest_framework.request import Request

from stripeflow.workflows.api.bodies import NoBody, StrictBody, read_body
from stripeflow.workflows.api.query import Query, read_query

_WITH_BODY = ("POST", "PUT", "PATCH")


@dataclass(frozen=True)
class Takes:
    """The shapes of an operation's query parameters and body. `body` is None where views read it whole."""

    query: type[Query] = Query
    body: type[StrictBody] | None = NoBody

    @classmethod
    def documented(cls, request: Any, parameters: Iterable[Any]) -> Self:
        """From what the schema says of the body: a shape, nothing, or the JSON schema of a whole document."""
        queries = [one for one in parameters if isinstance(one, type) and issubclass(one, Query)]
        body = None if isinstance(request, dict) else request or NoBody
        return cls(queries[0] if queries else Query, body)

    def read(self, request: Request) -> tuple[dict[str, Any], Any]:
        """The checked query parameters, and the body. Raises 400."""
        query = read_query(request, self.query)
        if request.method not in _WITH_BODY:
            return query, {}
        return query, request.data if self.body is None else read_body(request, self.body)
