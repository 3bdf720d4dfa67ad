"""Builders of full, real-looking Stripe objects at the API version of the installed SDK.

They need no server: tests may use them to make objects and event envelopes.  Amounts are in minor
units, times in whole seconds.
"""

import time
from collections.abc import Mapping
from typing import Any

import stripe

from stripeflow_site.standin.identifiers import new_id

API_VERSION: str = stripe.api_version
ACCOUNT_ID = "acct_1StandinPlatform00"

Object = dict[str, Any]


def created_at(created: int | None) -> int:
    return int(time.time()) if created is None else created


def _address(**given: str | None) -> Object:
    blank = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))
    return blank | given


def customer(
    *,
    id: str | None = None,
    email: str | None = "buyer@example.com",
    name: str | None = "Sample Buyer",
    metadata: Mapping[str, str] | None = None,
    created: int | None = None,
    livemode: bool = False,
    **fields: Any,  # noqa: ANN401 - any other field of the object
) -> Object:
    """A customer."""
    id = id or new_id("cus")
    return {
        "id": id,
        "object": "customer",
        "address": None,
        "balance": 0,
        "business_name": None,
        "created": created_at(created),
        "currency": None,
        "customer_account": None,
        "default_source": None,
        "delinquent": False,
        "description": None,
        "discount": None,
        "email": email,
        "individual_name": None,
        "invoice_prefix": id[-8:].upper(),
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": livemode,
        "metadata": dict(metadata or {}),
        "name": name,
        "next_invoice_sequence": 1,
        "phone": None,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
    } | fields


def payment_method(
    *,
    id: str | None = None,
    customer: str | None = None,
    created: int | None = None,
    livemode: bool = False,
    **fields: Any,  # noqa: ANN401
) -> Object:
    """A card as a payment method."""
    return {
        "id": id or new_id("pm"),
        "object": "payment_method",
        "allow_redisplay": "unspecified",
        "billing_details": _billing_details(),
        "card": _card()
        | {
            "display_brand": "visa",
            "generated_from": None,
            "networks": {"available": ["visa"], "preferred": None},
            "three_d_secure_usage": {"supported": True},
            "wallet": None,
        },
        "created": created_at(created),
        "customer": customer,
        "customer_account": None,
        "livemode": livemode,
        "metadata": {},
        "type": "card",
    } | fields


def _billing_details() -> Object:
    return {"address": _address(country="US"), "email": None, "name": None, "phone": None, "tax_id": None}


def _card() -> Object:
    return {
        "brand": "visa",
        "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"},
        "country": "US",
        "exp_month": 12,
        "exp_year": 2034,
        "fingerprint": "Xt5EWLLDS7FJjR1c",
        "funding": "credit",
        "last4": "4242",
    }


def payment_intent(
    *,
    amount: int,
    currency: str = "usd",
    customer: str | None = None,
    id: str | None = None,
    latest_charge: str | None = None,
    payment_method: str | None = None,
    status: str = "succeeded",
    metadata: Mapping[str, str] | None = None,
    created: int | None = None,
    livemode: bool = False,
    **fields: Any,  # noqa: ANN401
) -> Object:
    """A payment intent; `amount` in minor units, succeeded unless `status` says otherwise."""
    id = id or new_id("pi")
    return {
        "id": id,
        "object": "payment_intent",
        "amount": amount,
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": amount if status == "succeeded" else 0,
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": {"allow_redirects": "always", "enabled": True},
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": "automatic_async",
        "client_secret": f"{id}_secret_{new_id('x')[2:]}",
        "confirmation_method": "automatic",
        "created": created_at(created),
        "currency": currency.lower(),
        "customer": customer,
        "customer_account": None,
        "description": None,
        "excluded_payment_method_types": None,
        "last_payment_error": None,
        "latest_charge": latest_charge,
        "livemode": livemode,
        "metadata": dict(metadata or {}),
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": payment_method,
        "payment_method_configuration_details": None,
        "payment_method_options": {
            "card": {"installments": None, "mandate_options": None, "network": None},
        },
        "payment_method_types": ["card"],
        "processing": None,
        "receipt_email": None,
        "review": None,
        "setup_future_usage": None,
        "shipping": None,
        "source": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": status,
        "transfer_data": None,
        "transfer_group": None,
    } | fields


def charge(
    *,
    amount: int,
    currency: str = "usd",
    customer: str | None = None,
    id: str | None = None,
    payment_intent: str | None = None,
    payment_method: str | None = None,
    balance_transaction: str | None = None,
    metadata: Mapping[str, str] | None = None,
    created: int | None = None,
    livemode: bool = False,
    **fields: Any,  # noqa: ANN401
) -> Object:
    """A captured, succeeded card charge that nothing is refunded of yet."""
    return {
        "id": id or new_id("ch"),
        "object": "charge",
        "amount": amount,
        "amount_captured": amount,
        "amount_refunded": 0,
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": balance_transaction,
        "billing_details": _billing_details(),
        "calculated_statement_descriptor": "STRIPEFLOW",
        "captured": True,
        "created": created_at(created),
        "currency": currency.lower(),
        "customer": customer,
        "description": None,
        "destination": None,
        "dispute": None,
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "fraud_details": {},
        "livemode": livemode,
        "metadata": dict(metadata or {}),
        "on_behalf_of": None,
        "order": None,
        "outcome": {
            "advice_code": None,
            "network_advice_code": None,
            "network_decline_code": None,
            "network_status": "approved_by_network",
            "reason": None,
            "risk_level": "normal",
            "risk_score": 12,
            "seller_message": "Payment complete.",
            "type": "authorized",
        },
        "paid": True,
        "payment_intent": payment_intent,
        "payment_method": payment_method,
        "payment_method_details": {"card": _charged_card(amount), "type": "card"},
        "radar_options": {},
        "receipt_email": None,
        "receipt_number": None,
        "receipt_url": "https://pay.stripe.com/receipts/payment/sample",
        "refunded": False,
        "review": None,
        "shipping": None,
        "source": None,
        "source_transfer": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "succeeded",
        "transfer_data": None,
        "transfer_group": None,
    } | fields


def _charged_card(amount: int) -> Object:
    return _card() | {
        "amount_authorized": amount,
        "authorization_code": "123456",
        "extended_authorization": {"status": "disabled"},
        "incremental_authorization": {"status": "unavailable"},
        "installments": None,
        "mandate": None,
        "multicapture": {"status": "unavailable"},
        "network": "visa",
        "network_token": {"used": False},
        "network_transaction_id": "104102978678771",
        "overcapture": {"maximum_amount_capturable": amount, "status": "unavailable"},
        "regulated_status": "unregulated",
        "three_d_secure": None,
        "wallet": None,
    }


def refund(
    *,
    amount: int,
    currency: str = "usd",
    charge: str | None = None,
    payment_intent: str | None = None,
    id: str | None = None,
    reason: str | None = None,
    balance_transaction: str | None = None,
    metadata: Mapping[str, str] | None = None,
    created: int | None = None,
    **fields: Any,  # noqa: ANN401
) -> Object:
    """A succeeded refund of a card charge."""
    return {
        "id": id or new_id("re"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": balance_transaction,
        "charge": charge,
        "created": created_at(created),
        "currency": currency.lower(),
        "destination_details": {
            "card": {
                "reference_status": "pending",
                "reference_type": "acquirer_reference_number",
                "type": "refund",
            },
            "type": "card",
        },
        "metadata": dict(metadata or {}),
        "payment_intent": payment_intent,
        "reason": reason,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "succeeded",
        "transfer_reversal": None,
    } | fields


def early_fraud_warning(
    *,
    charge: str,
    payment_intent: str | None = None,
    id: str | None = None,
    fraud_type: str = "made_with_stolen_card",
    actionable: bool = True,
    created: int | None = None,
    livemode: bool = False,
) -> Object:
    """An early fraud warning of the card's issuer."""
    return {
        "id": id or new_id("issfr"),
        "object": "radar.early_fraud_warning",
        "actionable": actionable,
        "charge": charge,
        "created": created_at(created),
        "fraud_type": fraud_type,
        "livemode": livemode,
        "payment_intent": payment_intent,
    }


def balance_transaction(
    *,
    amount: int,
    currency: str = "usd",
    source: str,
    type: str = "charge",
    id: str | None = None,
    created: int | None = None,
) -> Object:
    """What a charge or a refund does to the balance; a charge costs 2.9 % and 30 minor units."""
    fee = round(amount * 0.029) + 30 if type == "charge" else 0
    at = created_at(created)
    detail = {
        "amount": fee,
        "application": None,
        "currency": currency,
        "description": "Stripe processing fees",
        "type": "stripe_fee",
    }
    return {
        "id": id or new_id("txn"),
        "object": "balance_transaction",
        "amount": amount,
        "available_on": at,
        "balance_type": "payments",
        "created": at,
        "currency": currency,
        "description": None,
        "exchange_rate": None,
        "fee": fee,
        "fee_details": [detail] if fee else [],
        "net": amount - fee,
        "reporting_category": type,
        "source": source,
        "status": "available",
        "type": type,
    }


def account(*, id: str = ACCOUNT_ID, created: int = 1_700_000_000, **fields: Any) -> Object:  # noqa: ANN401
    """An account, as `GET /v1/account` gives it."""
    return {
        "id": id,
        "object": "account",
        "business_profile": {
            "mcc": "5734",
            "name": "Stripe stand-in",
            "product_description": None,
            "support_address": None,
            "support_email": None,
            "support_phone": None,
            "support_url": None,
            "url": None,
        },
        "business_type": "company",
        "capabilities": {"card_payments": "active", "transfers": "active"},
        "charges_enabled": True,
        "controller": {"type": "account"},
        "country": "US",
        "created": created,
        "default_currency": "usd",
        "details_submitted": True,
        "email": "owner@example.com",
        "external_accounts": None,
        "metadata": {},
        "payouts_enabled": True,
        "settings": {
            "branding": {"icon": None, "logo": None, "primary_color": None, "secondary_color": None},
            "dashboard": {"display_name": "Stripe stand-in", "timezone": "Etc/UTC"},
            "payments": {
                "statement_descriptor": "STRIPEFLOW",
                "statement_descriptor_kana": None,
                "statement_descriptor_kanji": None,
            },
        },
        "type": "standard",
    } | fields


def webhook_endpoint(
    *,
    url: str,
    enabled_events: list[str] | None = None,
    id: str | None = None,
    secret: str | None = None,
    metadata: Mapping[str, str] | None = None,
    created: int | None = None,
    livemode: bool = False,
    **fields: Any,  # noqa: ANN401
) -> Object:
    """A webhook endpoint; Stripe shows its `secret` only in the reply that made it."""
    shown = {"secret": secret} if secret else {}
    return (
        {
            "id": id or new_id("we"),
            "object": "webhook_endpoint",
            "api_version": None,
            "application": None,
            "created": created_at(created),
            "description": None,
            "enabled_events": enabled_events or ["*"],
            "livemode": livemode,
            "metadata": dict(metadata or {}),
            "status": "enabled",
            "url": url,
        }
        | shown
        | fields
    )


def event(
    type: str,
    object: Object,
    *,
    id: str | None = None,
    created: int | None = None,
    livemode: bool | None = None,
    account: str = "",
    previous_attributes: Object | None = None,
    request_id: str | None = None,
    idempotency_key: str | None = None,
    api_version: str = API_VERSION,
    pending_webhooks: int = 1,
) -> Object:
    """The envelope of an event that carries `object`; livemode is the object's unless given."""
    data: Object = {"object": object}
    if previous_attributes is not None:
        data["previous_attributes"] = previous_attributes
    envelope = {
        "id": id or new_id("evt"),
        "object": "event",
        "api_version": api_version,
        "created": created_at(created),
        "data": data,
        "livemode": bool(object.get("livemode", False)) if livemode is None else livemode,
        "pending_webhooks": pending_webhooks,
        "request": {"id": request_id, "idempotency_key": idempotency_key},
        "type": type,
    }
    return {"account": account} | envelope if account else envelope
