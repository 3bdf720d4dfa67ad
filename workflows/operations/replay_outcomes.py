"""The outcomes of a replay, event by event, in words."""

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from stripeflow.triggers.models import Event
from stripeflow.workflows import conditions
from stripeflow.workflows.definition.scope import Refusal
from stripeflow.workflows.definition.scope_words import refusal_sentence
from stripeflow.workflows.models import Run


class Outcome(StrEnum):
    """The outcome of a replay for one event."""

    WOULD_START = "would_start"
    HAS_RUN = "has_run"
    NOT_FINISHED = "not_finished"
    NOT_MET = "not_met"
    UNKNOWN = "unknown"
    OTHER_TYPE = "other_type"
    OUT_OF_SCOPE = "out_of_scope"
    OWN_CALL = "own_call"
    CAUSED_BY_WORKFLOW = "caused_by_workflow"
    NOT_FETCHED = "not_fetched"
    EMPTIED = "emptied"
    BROKE = "broke"

    @property
    def sentence(self) -> str:
        """The outcome, for people."""
        return str(_SENTENCES[self])


_SENTENCES: dict[Outcome, Promise] = {
    Outcome.WOULD_START: gettext_lazy("A run would start."),
    Outcome.HAS_RUN: gettext_lazy("The workflow has run for this event already."),
    Outcome.NOT_FINISHED: gettext_lazy("A run of the workflow for this event is not finished."),
    Outcome.NOT_MET: gettext_lazy("The trigger conditions are not met."),
    Outcome.UNKNOWN: gettext_lazy("A trigger condition cannot be decided."),
    Outcome.OTHER_TYPE: gettext_lazy("The version listens to other types of events."),
    Outcome.OUT_OF_SCOPE: gettext_lazy("The version does not take events of this mode or account."),
    Outcome.OWN_CALL: gettext_lazy(
        "A workflow's own call caused the event, so the run would go in a circle."
    ),
    Outcome.CAUSED_BY_WORKFLOW: gettext_lazy(
        "A workflow's own call caused the event, and the version does not start on such events."
    ),
    Outcome.NOT_FETCHED: gettext_lazy("The event and its object have not been fetched from Stripe yet."),
    Outcome.EMPTIED: gettext_lazy("The payload of the event was emptied because of its age."),
    Outcome.BROKE: gettext_lazy("The trigger conditions could not be evaluated."),
}


@dataclass(frozen=True)
class Judged:
    """One event in a preview. `run` is the run that the event already has on this workflow, if any."""

    event: Event
    outcome: Outcome
    evaluation: conditions.Evaluation | None = None
    run: Run | None = None
    # Why the trigger's scope does not take the event.
    refusal: Refusal | None = None

    @property
    def reason(self) -> str:
        """Why, in a sentence; with what the conditions saw, where they decided."""
        if self.outcome in (Outcome.NOT_MET, Outcome.UNKNOWN) and self.evaluation is not None:
            return f"{self.outcome.sentence} {self.evaluation.reason}"
        if self.refusal is not None:
            return str(refusal_sentence(self.refusal, self.event.account))
        return self.outcome.sentence


@dataclass(frozen=True)
class Replayed:
    """The result of a replay: the runs that it started, and the events that it skipped, with the reason."""

    started: tuple[Run, ...]
    left: tuple[Judged, ...]
