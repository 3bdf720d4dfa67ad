"""An action as a host project brings it along."""

from stripeflow.actions.base import Action, OutputField, Outputs, Repeat
from stripeflow.actions.inputs import StringInput
from stripeflow.actions.registry import register


@register
class Repeating(Action):
    key = "sample.repeat"
    label = "Repeat a text"
    category = "Samples"
    repeat = Repeat.SAFE
    moves_money = False
    destructive = False
    changes_customers = False
    inputs = (StringInput("text", label="Text", required=True),)
    outputs = Outputs(fields=(OutputField("text", "Text", "string"),))

    def run(self, inputs, context):
        return {"text": inputs["text"]}
