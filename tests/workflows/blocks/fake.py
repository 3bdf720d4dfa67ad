"""Made-up blocks, which no module of ours knows: two with a lane, and one that waits."""

from datetime import timedelta

from django.utils import timezone

from stripeflow.actions.base import OutputField, Outputs
from stripeflow.actions.inputs import StringInput
from stripeflow.workflows.blocks.base import DeclaredBlock
from stripeflow.workflows.blocks.loop.base import LoopingBlock, Read
from stripeflow.workflows.definition.kinds import NewLane
from stripeflow.workflows.engine.frames import Enter, Next, Stop, Wait
from stripeflow.workflows.models.failures import failure
from stripeflow.workflows.states import RunStatus


class Section(DeclaredBlock):
    """Steps with a heading of their own; refuses the heading “bad”."""

    kind = "section"
    label = "Section"
    description = "Keeps steps together."
    inputs = (StringInput("heading", label="Heading", required=True),)
    outputs = Outputs(fields=(OutputField("heading", "Heading", "string"),))
    new_lanes = (NewLane("body", "In the section"),)
    refused: str = "bad"

    def act(self, plan, inputs, *, since, scope):
        heading = inputs.get("heading")
        if heading == type(self).refused:
            return Stop(RunStatus.FAILED, failure("bad_heading", "The heading is bad."))
        return Enter(plan.lane("body"), outputs={"heading": heading})


class Each(LoopingBlock):
    """Takes its lane once for each of the names."""

    kind = "each"
    label = "For each"
    inputs = (StringInput("names", label="Names", required=True),)
    new_lanes = (NewLane("body", "For each name"),)

    def known_list(self, plan, turn, inputs):
        return Read([name.strip() for name in inputs["names"].split(",")])

    def act(self, plan, inputs, *, since, scope):
        return Next()


class Pause(DeclaredBlock):
    """Waits a while."""

    kind = "pause"
    label = "Pause"
    new_lanes = ()
    seconds = 60

    def act(self, plan, inputs, *, since, scope):
        due = since + timedelta(seconds=self.seconds)
        return Wait(due) if timezone.now() < due else Next()


def section(key, *steps, heading="Large payments", name=""):
    lane = {"key": "body", "name": "", "steps": list(steps)}
    return {"key": key, "type": "section", "name": name, "inputs": {"heading": heading}, "branches": [lane]}


def each(key, *steps, names="Anna, Ben"):
    lane = {"key": "body", "name": "", "steps": list(steps)}
    return {"key": key, "type": "each", "name": "", "inputs": {"names": names}, "branches": [lane]}


def pause(key):
    return {"key": key, "type": "pause", "name": "", "inputs": {}}
