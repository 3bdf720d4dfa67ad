from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from stripeflow.actions.money import is_currency
from stripeflow.workflows.api.bodies import StrictBody

_MOST = 50


class CapsField(serializers.DictField):
    """Limits by currency, in minor units."""

    child = serializers.IntegerField(min_value=0, max_value=10**12)

    def to_internal_value(self, data: Any) -> Any:
        caps = super().to_internal_value(data)
        odd = sorted(key for key in caps if key != key.lower() or not is_currency(key))
        if odd:
            message = _("“%s” is not a currency of Stripe in small letters.") % odd[0]
            raise serializers.ValidationError(message, code="invalid")
        if len(caps) > _MOST:
            message = _("At most %d currencies can have a limit.") % _MOST
            raise serializers.ValidationError(message, code="max_length")
        return caps


class Caps(StrictBody):
    """The daily limits of one workflow, for each account and mode by itself."""

    all_customers = CapsField(help_text='What it may move in all: {"usd": 50000} is $500.00.')
    one_customer = CapsField(help_text="What it may move for each customer.")


class SetCaps(Caps):
    seen = Caps(help_text="`all_customers` and `one_customer` as you read them. Changed since: 409.")


class MovedToday(serializers.Serializer):
    """What the workflow has moved today (UTC) in one currency, for one account and mode."""

    currency = serializers.CharField()
    livemode = serializers.BooleanField()
    account = serializers.CharField(help_text="Empty is your own.")
    amount = serializers.IntegerField(help_text="Minor units.")


class Limits(serializers.Serializer):
    """The daily limits that hold for one workflow, by currency in minor units, and what it moved today."""

    all_customers = CapsField()
    one_customer = CapsField()
    installation_all_customers = CapsField(
        help_text="Of all workflows together: the setting REFUND_CAPS_PER_DAY."
    )
    installation_one_customer = CapsField(
        help_text="Of all workflows together for each customer: the setting CUSTOMER_CAPS_PER_DAY."
    )
    moved = MovedToday(many=True)
