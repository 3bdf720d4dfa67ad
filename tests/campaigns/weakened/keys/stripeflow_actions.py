"""Updates customers with another key at each attempt, as a careless action would."""

from dataclasses import replace
from uuid import uuid4

from stripeflow.actions.builtin.customers import UpdateCustomer
from stripeflow.actions.registry import register


@register
class UpdateCustomerWithoutKey(UpdateCustomer):
    key = "keyless.customers.update"

    def run(self, inputs, context):
        return super().run(inputs, replace(context, idempotency_key=f"forgotten:{uuid4()}"))
