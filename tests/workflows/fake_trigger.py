"""A type of trigger that nobody but a test knows: a parcel that arrives at a depot."""

from stripeflow.actions.inputs import StringInput
from stripeflow.triggers import catalogue
from stripeflow.triggers.catalogue import Field
from stripeflow.triggers.types.base import Carried, TriggerType


class ParcelArrives(TriggerType):
    type = "parcel"
    label = "A parcel arrives"
    description = "Somebody brings a parcel to a depot."
    source = "parcels"
    settings = (StringInput("depot", label="Depot", required=True, references=False),)

    def topics(self, settings):
        return (f"arrived.{settings['depot']}",) if settings.get("depot") else ()

    def known(self, settings):
        kinds = catalogue.FieldType
        return Carried(
            "Parcel",
            fields=(
                Field(name="weight", path="weight", label="Weight", type=kinds.INTEGER),
                Field(name="sender", path="sender", label="Sender", type=kinds.STRING),
            ),
        )

    def sample(self, settings, topic):
        return {"object": {"weight": 12, "sender": "Sample sender"}}

    def describe_topic(self, topic):
        return f"Parcel arrives at {topic.removeprefix('arrived.')}"

    def category(self, topic):
        return "Parcels"


class ParcelIsSent(ParcelArrives):
    """The same, but a parcel is for one workflow only."""

    label = "A parcel is sent to the workflow"
    is_addressed = True


class ParcelIsSentToSomeone(ParcelIsSent):
    """And the sender chooses mode and account."""

    asks_side = True
