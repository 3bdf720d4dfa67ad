"""An action of the shop's, which writes a row of the shop's."""

from actions.models import Action as Row
from stripeflow.actions.base import Action, OutputField, Outputs, Repeat
from stripeflow.actions.inputs import StringInput
from stripeflow.actions.registry import register


@register
class Note(Action):
    key = "shop.note"
    label = "Note it"
    category = "Shop"
    repeat = Repeat.SAFE
    moves_money = False
    destructive = False
    changes_customers = False
    inputs = (StringInput("title", label="Title", required=True, references=True),)
    outputs = Outputs(fields=(OutputField("title", "Title", "string"),))

    def run(self, inputs, context):
        Row.objects.create(title=inputs["title"])
        return {"title": inputs["title"]}
