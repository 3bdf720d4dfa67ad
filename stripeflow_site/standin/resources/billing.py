"""Subscriptions, invoices, disputes, reviews, payouts, products, prices and checkout sessions.

They are made by a control, read and listed, and changed as Stripe lets them be.
"""

from typing import Any

from stripeflow_site.standin import billing_payloads
from stripeflow_site.standin import params as kinds
from stripeflow_site.standin.errors import ApiFailure
from stripeflow_site.standin.listing import PAGING, listed, page
from stripeflow_site.standin.operations import Call, operation
from stripeflow_site.standin.store import Object, difference, snapshot
from stripeflow_site.standin.world import Origin, World

# Kind, path, and the fields that its list is filtered by.
READ = (
    ("checkout.session", "checkout/sessions", ("customer", "payment_intent", "status")),
    ("dispute", "disputes", ("charge", "payment_intent")),
    ("invoice", "invoices", ("collection_method", "customer", "status")),
    ("payout", "payouts", ("destination", "status")),
    ("price", "prices", ("active", "product")),
    ("product", "products", ("active",)),
    ("review", "reviews", ()),
    ("subscription", "subscriptions", ("customer", "status")),
)
INVOICE: kinds.Spec = {
    "auto_advance": kinds.boolean,
    "automatic_tax": kinds.mapping,
    "collection_method": kinds.choice("charge_automatically", "send_invoice"),
    "days_until_due": kinds.integer,
    "default_payment_method": kinds.given,
    "description": kinds.text,
    "due_date": kinds.integer,
    "footer": kinds.text,
    "metadata": kinds.metadata,
}
SUBSCRIPTION: kinds.Spec = {
    "cancel_at_period_end": kinds.boolean,
    "cancellation_details": kinds.mapping,
    "collection_method": kinds.choice("charge_automatically", "send_invoice"),
    "days_until_due": kinds.integer,
    "default_payment_method": kinds.given,
    "description": kinds.text,
    "metadata": kinds.metadata,
    "pause_collection": kinds.mapping,
}
_FINAL = frozenset({"description", "footer", "metadata", "auto_advance", "default_payment_method"})


def create(world: World, origin: Origin, kind: str, fields: dict[str, Any]) -> Object:
    """Keep an object of one of these kinds. Raises KeyError for another kind."""
    own = {"created": world.clock.seconds(), "livemode": origin.scope.livemode} | fields
    return world.store.add(origin.scope, billing_payloads.BUILDERS[kind](**own))


def changed(call: Call, obj: Object, event: str, fields: Object) -> Object:
    """Change an object; the effect is written each time, and so is its event."""
    before = snapshot(obj)
    if "metadata" in fields:
        fields = fields | {"metadata": kinds.merged(obj["metadata"], fields["metadata"])}
    obj.update(fields)
    previous = difference(before, obj)
    call.world.effect(call.origin, event, obj, previous=previous)
    call.world.emit(call.origin, event, obj, previous_attributes=previous or None)
    return obj


def _given(call: Call) -> Object:
    return {name: value for name, value in call.params.items() if name != "expand"}


def _serve(kind: str, path: str, filters: tuple[str, ...]) -> None:
    @operation("GET", f"/v1/{path}/<id>")
    def retrieve(call: Call) -> Object:
        return call.get(kind)

    spec: kinds.Spec = dict.fromkeys(filters, kinds.given)

    @operation("GET", f"/v1/{path}", PAGING | spec)
    def list_(call: Call) -> Object:
        wanted = {name: call.params[name] for name in filters if name in call.params}
        return page(
            call, kind, where=lambda one: all(_is(one.get(name), value) for name, value in wanted.items())
        )


def _is(value: Any, wanted: str) -> bool:  # noqa: ANN401 - any JSON value
    return str(value).lower() == wanted if isinstance(value, bool) else value == wanted or wanted == "all"


for one in READ:
    _serve(*one)


def _refuse(message: str, code: str | None = None) -> None:
    raise ApiFailure(400, message, code=code)


@operation("GET", "/v1/checkout/sessions/<id>/line_items", PAGING)
def line_items(call: Call) -> Object:
    """What was bought."""
    items = call.get("checkout.session")["line_items"]["data"]
    return listed(call.path, items[: call.params.get("limit", 10)])


@operation("POST", "/v1/invoices/<id>", INVOICE)
def update_invoice(call: Call) -> Object:
    """Update an invoice; one that is final keeps its amounts and terms."""
    invoice, fields = call.get("invoice"), _given(call)
    if invoice["status"] != "draft" and (fixed := set(fields) - _FINAL):
        _refuse(f"Finalized invoices can't be updated in this way: {', '.join(sorted(fixed))}.")
    return changed(call, invoice, "invoice.updated", fields)


def _step(path: str, event: str, statuses: tuple[str, ...], after: str, at: str, spec: kinds.Spec) -> None:
    """An endpoint that takes an invoice from one of `statuses` to another."""

    @operation("POST", f"/v1/invoices/<id>/{path}", spec)
    def step(call: Call) -> Object:
        invoice = call.get("invoice")
        if invoice["status"] not in statuses:
            _refuse(
                f"You can only {path} an invoice that is {' or '.join(statuses)}; it is {invoice['status']}."
            )
        now = call.world.clock.seconds()
        fields: Object = {"status": after, "status_transitions": invoice["status_transitions"] | {at: now}}
        if "auto_advance" in call.params:
            fields["auto_advance"] = call.params["auto_advance"]
        return changed(call, invoice, event, fields | _besides(invoice, after))


def _besides(invoice: Object, after: str) -> Object:
    if after == "paid":
        return {"amount_paid": invoice["amount_due"], "amount_remaining": 0, "attempted": True}
    if after == "open":
        address = f"https://invoice.stripe.com/i/{invoice['id']}"
        return {"hosted_invoice_url": address, "number": f"{invoice['id'][-8:].upper()}-0001"}
    return {}


_PAY: kinds.Spec = {
    "forgive": kinds.boolean,
    "mandate": kinds.text,
    "off_session": kinds.boolean,
    "paid_out_of_band": kinds.boolean,
    "payment_method": kinds.given,
    "source": kinds.given,
}
_step("finalize", "invoice.finalized", ("draft",), "open", "finalized_at", {"auto_advance": kinds.boolean})
_step("pay", "invoice.paid", ("open", "uncollectible"), "paid", "paid_at", _PAY)
_step("void", "invoice.voided", ("open", "uncollectible"), "void", "voided_at", {})
_step(
    "mark_uncollectible",
    "invoice.marked_uncollectible",
    ("open",),
    "uncollectible",
    "marked_uncollectible_at",
    {},
)


@operation("POST", "/v1/invoices/<id>/send")
def send_invoice(call: Call) -> Object:
    """E-mail an invoice, which finalizes a draft."""
    invoice = call.get("invoice")
    if invoice["status"] not in ("draft", "open"):
        _refuse(f"You can only send an invoice that is draft or open; it is {invoice['status']}.")
    now = call.world.clock.seconds()
    moments = invoice["status_transitions"]
    final = {"status": "open", "status_transitions": moments | {"finalized_at": now}}
    fields = final | _besides(invoice, "open") if invoice["status"] == "draft" else {}
    return changed(call, invoice, "invoice.sent", fields)


@operation("DELETE", "/v1/invoices/<id>")
def delete_invoice(call: Call) -> Object:
    """Delete a draft."""
    invoice = call.get("invoice")
    if invoice["status"] != "draft":
        _refuse("You can only delete draft invoices.")
    stub = {"id": invoice["id"], "object": "invoice", "deleted": True}
    call.world.effect(call.origin, "invoice.deleted", invoice)
    call.world.emit(call.origin, "invoice.deleted", invoice)
    call.world.store.add(call.scope, stub)
    return stub


@operation("POST", "/v1/subscriptions/<id>", SUBSCRIPTION)
def update_subscription(call: Call) -> Object:
    """Update a subscription that has not ended."""
    subscription = call.get("subscription")
    _check_lives(subscription)
    return changed(call, subscription, "customer.subscription.updated", _given(call))


@operation(
    "DELETE",
    "/v1/subscriptions/<id>",
    {"cancellation_details": kinds.mapping, "invoice_now": kinds.boolean, "prorate": kinds.boolean},
)
def cancel_subscription(call: Call) -> Object:
    """End a subscription at once."""
    subscription, now = call.get("subscription"), call.world.clock.seconds()
    _check_lives(subscription)
    details = subscription["cancellation_details"] | (call.params.get("cancellation_details") or {})
    fields = {"status": "canceled", "canceled_at": now, "ended_at": now, "cancellation_details": details}
    return changed(call, subscription, "customer.subscription.deleted", fields)


def _check_lives(subscription: Object) -> None:
    if subscription["status"] in ("canceled", "incomplete_expired"):
        raise ApiFailure(
            404, f"No such subscription: '{subscription['id']}'", code="resource_missing", param="id"
        )


@operation("POST", "/v1/reviews/<id>/approve")
def approve_review(call: Call) -> Object:
    """Close a review: the payment is fine."""
    review = call.get("review")
    if not review["open"]:
        _refuse("This review is closed already.")
    fields = {"open": False, "closed_reason": "approved", "reason": "approved"}
    return changed(call, review, "review.closed", fields)


@operation(
    "POST",
    "/v1/disputes/<id>",
    {"evidence": kinds.mapping, "metadata": kinds.metadata, "submit": kinds.boolean},
)
def update_dispute(call: Call) -> Object:
    """Stage evidence, or submit it."""
    dispute, fields = call.get("dispute"), _given(call)
    if dispute["status"] != "needs_response":
        _refuse("This dispute takes no more evidence.")
    is_submitted = fields.pop("submit", True)
    if "evidence" in fields:
        fields["evidence"] = dispute["evidence"] | (fields["evidence"] or {})
    return changed(
        call, dispute, "charge.dispute.updated", fields | ({"status": "under_review"} if is_submitted else {})
    )


@operation("POST", "/v1/disputes/<id>/close")
def close_dispute(call: Call) -> Object:
    """Accept a dispute as lost."""
    dispute = call.get("dispute")
    if dispute["status"] in ("won", "lost"):
        _refuse("This dispute is closed already.")
    return changed(call, dispute, "charge.dispute.closed", {"status": "lost"})
