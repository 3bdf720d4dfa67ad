"""Failures in the shape of Stripe's API errors."""

from typing import Any

DOCS = "https://stripe.com/docs/error-codes/"


class ApiFailure(Exception):
    """A reply that is not 2xx.

    `stored` says whether an idempotency key remembers it: what fails before the endpoint begins (a
    parameter that is not valid, an unknown URL, a key in flight) is not remembered.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        type: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        stored: bool = True,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.type = status, message, type
        self.code, self.param, self.stored = code, param, stored
        self.headers = headers or {}

    def body(self, request_id: str) -> dict[str, Any]:
        """The JSON body."""
        error: dict[str, Any] = {"message": self.message, "type": self.type}
        if self.code:
            error |= {"code": self.code, "doc_url": DOCS + self.code.replace("_", "-")}
        if self.param:
            error["param"] = self.param
        error["request_log_url"] = f"https://dashboard.stripe.com/test/logs/{request_id}"
        return {"error": error}


def invalid(message: str, param: str | None, code: str | None = None) -> ApiFailure:
    """A parameter that is refused before the endpoint begins: no key remembers it."""
    return ApiFailure(400, message, code=code, param=param, stored=False)


def missing(param: str) -> ApiFailure:
    """A required parameter is not there."""
    return invalid(f"Missing required param: {param}.", param, "parameter_missing")


def no_such(kind: str, id: str, *, param: str = "id", status: int = 404) -> ApiFailure:
    """No object of that id; 404 for one named by the URL, 400 for one named by a parameter."""
    return ApiFailure(status, f"No such {kind}: '{id}'", code="resource_missing", param=param)


def unrecognized_url(method: str, path: str) -> ApiFailure:
    """What Stripe answers where it has no endpoint."""
    return ApiFailure(
        404,
        f"Unrecognized request URL ({method}: {path}). If you are trying to list objects, remove the "
        "trailing slash. If you are trying to retrieve an object, make sure you passed a valid "
        "(non-empty) identifier in your code. Please see https://stripe.com/docs.",
        stored=False,
    )


def rate_limited(retry_after: str | None) -> ApiFailure:
    """The limiter that stands before everything else."""
    headers = {"Stripe-Rate-Limited-Reason": "global-rate"}
    if retry_after is not None:
        headers["Retry-After"] = retry_after
    return ApiFailure(
        429,
        "Request rate limit exceeded. Learn more about rate limits here: https://stripe.com/docs/rate-limits.",
        code="rate_limit",
        stored=False,
        headers=headers,
    )
