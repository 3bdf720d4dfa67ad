from stripeflow.actions.inputs import ChoiceInput
from stripeflow.triggers.catalogue import Field, FieldType
from stripeflow.triggers.types.base import Carried, TriggerType
from stripeflow.triggers.types.registry import register

STATUSES = (("open", "Open"), ("paid", "Paid"), ("returned", "Returned"))


@register
class OrderChanges(TriggerType):
    type = "order"
    label = "An order changes"
    description = "An order of the shop is paid, or comes back."
    source = "shop_orders"
    settings = (ChoiceInput("becomes", label="Becomes", required=True, references=False, choices=STATUSES),)

    def topics(self, settings):
        return (f"order.{settings['becomes']}",) if settings.get("becomes") else ()

    def known(self, settings):
        return Carried(
            "Order",
            fields=(
                Field(name="number", path="number", label="Number", type=FieldType.INTEGER),
                Field(
                    name="total", path="total", label="Total", type=FieldType.MONEY, currency_path="currency"
                ),
                Field(name="currency", path="currency", label="Currency", type=FieldType.STRING),
                Field(name="status", path="status", label="Status", type=FieldType.STRING),
                Field(
                    name="charge",
                    path="charge",
                    label="Charge",
                    type=FieldType.ID,
                    id_of=("charge",),
                    nullable=True,
                ),
            ),
            tracks_changes=True,
        )

    def sample(self, settings, topic):
        status = topic.removeprefix("order.")
        held = {"number": 17, "total": 4800, "currency": "usd", "status": status, "charge": "ch_sample"}
        return {"object": held, "previous_attributes": {"status": "open"}}

    def describe_topic(self, topic):
        return f"Order becomes {topic.removeprefix('order.')}"
