"""A step that adds a sentence to the history of its run. It does nothing else."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy

from stripeflow.actions.inputs import TextInput
from stripeflow.workflows.blocks.base import DeclaredBlock
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.plan import BlockPlan
from stripeflow.workflows.engine.frames import Answer, Next


class NoteBlock(DeclaredBlock):
    kind = "note"
    label = gettext_lazy("Add a note")
    icon = "note"
    may_run_at_once = True
    description = gettext_lazy("Write a sentence into the run’s history.")
    inputs = (
        TextInput(
            "text",
            label=gettext_lazy("Note"),
            help_text=gettext_lazy("Shown at the top of the run’s page, and in the API."),
            required=True,
            max_length=2000,
            shortens=True,
        ),
    )

    def act(self, plan: BlockPlan, inputs: Json, *, since: datetime, scope: Mapping[str, Any]) -> Answer:
        return Next()

    def note_input(self, inputs: Json) -> str:
        return "text"
