"""Payment methods, as far as charges and customers refer to them."""

from stripeflow_site.standin import params as kinds
from stripeflow_site.standin.listing import PAGING, page
from stripeflow_site.standin.operations import Call, operation
from stripeflow_site.standin.store import Object


@operation("GET", "/v1/payment_methods/<id>")
def retrieve(call: Call) -> Object:
    """Retrieve a payment method."""
    return call.get("payment_method")


@operation("GET", "/v1/payment_methods", PAGING | {"customer": kinds.given, "type": kinds.given})
def list_(call: Call) -> Object:
    """List payment methods."""
    customer = call.params.get("customer")
    return page(call, "payment_method", where=lambda item: customer in (None, item["customer"]))
