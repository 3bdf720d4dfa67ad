"""What a step with inputs would send: an action, or another block. Nothing is called."""

from dataclasses import replace

from django.utils.translation import gettext as _

from stripeflow.actions import registry
from stripeflow.actions.base import Action
from stripeflow.actions.errors import ActionError
from stripeflow.workflows.definition.choices import OnError
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.plan import ActionPlan, BlockPlan
from stripeflow.workflows.engine.rendering import InputsError, rendered_inputs
from stripeflow.workflows.rehearsal.dependencies import keys_in_input
from stripeflow.workflows.rehearsal.results import End, Fault, State, StepResult, WayState
from stripeflow.workflows.rehearsal.samples import Origin
from stripeflow.workflows.rehearsal.walking import Walk, not_walked_step


def rehearse_action(walk: Walk, step: ActionPlan) -> StepResult:
    """What an action step would send, and what it would give."""
    action = registry.find_for(step.action, step.inputs)
    if action is None:
        message = _("The action “%s” is not installed.") % step.action
        missing = replace(not_walked_step(step), state=State.WOULD_FAIL)
        return _failed(walk, step, replace(missing, faults=(Fault("action_not_installed", message),)))
    result = rehearse_inputs(walk, step, action)
    return _failed(walk, step, result) if result.faults else result


def rehearse_inputs(walk: Walk, step: ActionPlan | BlockPlan, action: Action) -> StepResult:
    """The inputs and expected outputs of a step; without faults, later steps may use the outputs."""
    result = rendered(walk, step, action)
    if result.faults:
        return result
    given = None
    if not result.unknown_inputs:
        given = walk.samples.outputs(action, result.inputs, as_platform=step.as_platform)
    if given is None:
        walk.unknown_steps.add(step.key)
        return result
    walk.scope.note(step.key, given.value)
    if given.origin is Origin.SAMPLE:
        walk.made_up.add(step.key)
    return replace(result, outputs=given)


def rendered(walk: Walk, step: ActionPlan | BlockPlan, action: Action) -> StepResult:
    """The step with its inputs, as far as they can be rendered, and what is wrong with them."""
    inputs: Json = {}
    unknown, faults, keys = [], [], frozenset[str]()
    for one in action.inputs:
        raw = step.inputs.get(one.name)
        if raw is None:
            continue
        keys_of_input = keys_in_input(action, one.name, raw)
        if keys_of_input & walk.unknown_steps:
            unknown.append(one.name)
            continue
        keys |= keys_of_input
        try:
            own = action.without_secrets({one.name: raw})
            inputs |= rendered_inputs(action, own, walk.scope, name_of=walk.name_of)
        except InputsError as error:
            faults.append(Fault(error.code, error.message, error.field))
    if not faults and not unknown:
        faults += _refusal(action, inputs)
    state = State.WOULD_FAIL if faults else State.WOULD_RUN
    depends_on = tuple(sorted(keys & walk.made_up))
    return replace(
        not_walked_step(step),
        state=state,
        inputs=inputs,
        unknown_inputs=tuple(unknown),
        faults=tuple(faults),
        depends_on=depends_on,
    )


def _failed(walk: Walk, step: ActionPlan, result: StepResult) -> StepResult:
    if not step.handles_failure:
        walk.end, walk.beyond = End.FAILED, State.NOT_REACHED
    if step.on_error != OnError.BRANCH:
        return result
    fault = result.faults[0]
    walk.scope.note(step.key, {"error": {"message": fault.message, "code": fault.code}})
    taken = walk.steps(step.error_steps)
    walk.beyond = State.NOT_REACHED
    lanes = tuple(replace(lane, state=WayState.TAKEN, steps=taken) for lane in result.lanes)
    return replace(result, lanes=lanes)


def _refusal(action: Action, inputs: Json) -> list[Fault]:
    """Why the action would refuse the rendered inputs, before it acts."""
    try:
        action.clean(inputs)
    except ActionError as error:
        return [Fault(error.code, str(error), getattr(error, "field", ""))]
    return []
