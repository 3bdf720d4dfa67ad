"""What is wrong with a step that waits for an event, before it runs."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from stripeflow.triggers import catalogue
from stripeflow.triggers.types.stripe_event.labels import label_of
from stripeflow.workflows.blocks.waits.alternatives import (
    LANES,
    Alternative,
    alternatives,
    object_of,
    same_as_of,
)
from stripeflow.workflows.blocks.waits.instants import LONGEST, Unit, span
from stripeflow.workflows.blocks.waits.words import too_long_sentence
from stripeflow.workflows.definition.ended_steps import ended_before
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.problems import Problem, Severity
from stripeflow.workflows.definition.same_object import SAME_OBJECTS
from stripeflow.workflows.definition.step_check import StepCheck
from stripeflow.workflows.definition.step_choice import key_in, path_to
from stripeflow.workflows.definition.titles import step_title


def time_problems(check: StepCheck) -> Iterator[Problem]:
    """No time-out, two of them, or one that is too long."""
    inputs = check.step["inputs"]
    amount, until = inputs.get("amount"), inputs.get("until")
    if amount is None and not until:
        message = _("Say how long the run waits at most: a time, or a date.")
        yield check.problem("inputs/amount", "no_time_out", message, field="amount")
    elif amount is not None and until:
        message = _("Give a time or a date, not both.")
        yield check.problem("inputs/until", "two_time_outs", message, field="until")
    elif isinstance(amount, int) and _is_too_long(amount, inputs.get("unit")):
        yield check.problem("inputs/amount", "wait_too_long", too_long_sentence(), field="amount")


def since_problems(check: StepCheck) -> Iterator[Problem]:
    """The end of a step since which events count, but that does not come before on every path."""
    key = key_in(check.step["inputs"].get("since"))
    if not key or any(step["key"] == key for step in ended_before(check.place)):
        return
    whole = check.place.whole
    step = whole.step(key) if whole else None
    message = _(
        "Events count since %s ended, but that step does not end before this one on every path. Move it, or "
        "choose something else."
    ) % (_("“%s”") % step_title(step) if step else check.known.named(path_to(key)))
    yield check.problem("inputs/since", "step_not_ended", message, field="since")


def event_problems(check: StepCheck) -> Iterator[Problem]:
    """What is wrong with each of the events, and with what has to be the same."""
    inputs = check.step["inputs"]
    for one in alternatives(inputs):
        yield from _unlisted(check, one)
        yield from _same_object(check, one)
    for lane in LANES:
        if not inputs.get(lane) and (inputs.get(same_as_of(lane)) or inputs.get(object_of(lane))):
            yield check.problem(f"inputs/{lane}", "required", _("Choose the event."), field=lane)


def lane_problems(check: StepCheck) -> Iterator[Problem]:
    """The conditions on each event, and steps of a lane whose event nobody has chosen."""
    waited = {one.lane: one for one in alternatives(check.step.get("inputs", {}))}
    for number, own in enumerate(check.step.get("branches", ())):
        group, key = own.get("conditions"), own["key"]
        if key in waited and group and group["conditions"]:
            yield from check.conditions(group, f"branches/{number}/conditions", branch=key)
        elif key in LANES and key not in waited and own["steps"]:
            message = _(
                "The steps of this branch never run, since it has no event. Choose one, or move them."
            )
            yield check.problem(f"branches/{number}", "unused_lane", message, branch=key)


def _unlisted(check: StepCheck, one: Alternative) -> Iterator[Problem]:
    if not catalogue.any_event_type(one.event_type).listed:
        message = _("Stripe's API version %(version)s does not list the event type “%(type)s”.") % {
            "version": catalogue.api_version(),
            "type": one.event_type,
        }
        yield check.problem(
            f"inputs/{one.lane}", "unknown_event_type", message, field=one.lane, severity=Severity.WARNING
        )


def _same_object(check: StepCheck, one: Alternative) -> Iterator[Problem]:
    name = same_as_of(one.lane)
    same = SAME_OBJECTS.get(one.same_as)
    if same is None:
        yield from _any_object(check, one)
        return
    names = {"object": str(same.label).lower(), "event": label_of(one.event_type)}
    if not same.is_known_of(catalogue.any_event_type(one.event_type).object):
        message = _("Events “%(event)s” do not say their %(object)s. Choose another object.") % names
        yield check.problem(f"inputs/{name}", "no_same_object", message, field=name)
    elif not one.object_id and not same.is_known_of(check.known.trigger_object):
        message = _("The trigger has no %(object)s. Give its ID, or choose another object.") % names
        yield check.problem(f"inputs/{name}", "no_same_object", message, field=name)


def _any_object(check: StepCheck, one: Alternative) -> Iterator[Problem]:
    if one.object_id:
        message = _("Say what the ID is of: choose the object that has to be the same.")
        yield check.problem(
            f"inputs/{same_as_of(one.lane)}", "no_same_object", message, field=same_as_of(one.lane)
        )
    elif not _asks(check.step, one.lane):
        message = _(
            "Every event “%s” of the account ends the wait of every run, whichever customer it is about. "
            "Choose the object that has to be the same, or add conditions."
        ) % label_of(one.event_type)
        name = same_as_of(one.lane)
        yield check.problem(f"inputs/{name}", "any_object", message, field=name, severity=Severity.WARNING)


def _asks(step: Json, lane: str) -> bool:
    own: Json = next((one for one in step.get("branches", ()) if one["key"] == lane), {})
    return bool((own.get("conditions") or {}).get("conditions"))


def _is_too_long(amount: int, unit: str | None) -> bool:
    try:
        return span(amount, Unit(unit or Unit.DAYS)) > LONGEST
    except OverflowError:
        return True
