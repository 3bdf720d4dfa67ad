"""What a definition means, checked before activation: every problem at once, each with its place."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from stripeflow.actions import registry
from stripeflow.actions.base import Action
from stripeflow.actions.naming import with_close
from stripeflow.workflows import conditions
from stripeflow.workflows.conditions import Types
from stripeflow.workflows.definition import secret_names
from stripeflow.workflows.definition.accounts import account_doubts
from stripeflow.workflows.definition.caused import is_open_to_others
from stripeflow.workflows.definition.choices import ERROR_BRANCH_KEY, Accounts, IfUndecided
from stripeflow.workflows.definition.clear_secrets import clear_fields
from stripeflow.workflows.definition.condition_types import types_at
from stripeflow.workflows.definition.problems import Problem, Problems, Severity
from stripeflow.workflows.definition.referring import reference_problems
from stripeflow.workflows.definition.retry import retry_problems
from stripeflow.workflows.definition.scope import TriggerScope, is_account_id, scope_of
from stripeflow.workflows.definition.trigger import TriggerPlan
from stripeflow.workflows.definition.typing import Known
from stripeflow.workflows.definition.undecided import moves_or_destroys
from stripeflow.workflows.definition.walk import Json, Place, steps


@dataclass(frozen=True)
class Checked:
    """What a check of a document found: its problems, and the types that its conditions are judged by."""

    problems: Problems
    types: Types


def validate(document: Json, *, deleted: tuple[Json, ...] = ()) -> Checked:
    """Every problem of `document`, which has the structure of format 1. Errors stand against activation.

    `deleted` are steps that it had before, for messages on what still refers to them.
    """
    plan = TriggerPlan.of(document["trigger"])
    trigger = Known(plan)
    places = [(place, Known.at(plan, place)) for place in steps(document, deleted)]
    types = types_at(document, trigger, places)
    return Checked(Problems(_problems(document, trigger, places, types)), types)


def _problems(
    document: Json, trigger: Known, places: list[tuple[Place, Known]], types: Types
) -> Iterator[Problem]:
    scope = scope_of(document["trigger"])
    yield from _trigger(document["trigger"], trigger, types)
    yield from _caused(document)
    yield from _keys([place for place, _known in places])
    if not places:
        yield Problem("/steps", "no_steps", _("The workflow has no steps. Add one."))
    for place, known in places:
        if place.step["type"] == "branch":
            yield from _branch_step(place, known, types)
        else:
            yield from _action_step(place, known)
        yield from _accounts(place, known, scope)


def moves_money(document: Json) -> bool:
    """Whether any step's action can move money; one that is not installed here may."""
    found = (place.step for place in steps(document) if place.step["type"] == "action")
    return any(registry.moves_money(step.get("action", "")) for step in found)


def _trigger(trigger: Json, known: Known, types: Types) -> Iterator[Problem]:
    yield from _scope(scope_of(trigger))
    yield from _settings(known.trigger)
    group = trigger.get("conditions")
    if group and known.trigger.topics:
        yield from _conditions(group, "/trigger/conditions", known, types)


def _settings(trigger: TriggerPlan) -> Iterator[Problem]:
    """What the type has against its settings. Whatever it says, there has to be something to start on."""
    if trigger.kind is None:
        message = _("The type of trigger “%s” is not installed here. Install it, or choose another one.")
        yield Problem("/trigger/type", "unknown_trigger_type", message % trigger.type, field="type")
        return
    found = list(trigger.kind.check(trigger.settings))
    if not trigger.topics and all(one.is_warning for one in found):
        yield Problem("/trigger/type", "missing", _("Choose what starts the workflow."), field="type")
    for one in found:
        name = one.path.partition(".")[0]
        severity = Severity.WARNING if one.is_warning else Severity.ERROR
        path = f"/trigger/{one.path.replace('.', '/')}"
        yield Problem(path, one.code, one.message, field=name, severity=severity)


def _caused(document: Json) -> Iterator[Problem]:
    """A warning where a workflow that moves money is open to events that other workflows cause."""
    if not is_open_to_others(document):
        return
    message = _(
        "Events that workflows cause start it, and it moves money or destroys something. People who may "
        "publish a workflow that changes what its conditions read can set it off."
    )
    path, code = "/trigger/caused_events", "grave_caused_events"
    yield Problem(path, code, message, field="caused_events", severity=Severity.WARNING)


def _scope(scope: TriggerScope) -> Iterator[Problem]:
    path = "/trigger/scope"
    if not scope.is_chosen:
        message = _(
            "Nobody has chosen which events start this workflow, so live and test events of all accounts do. "
            "Choose the mode and the accounts in the trigger."
        )
        yield Problem(path, "scope_not_chosen", message, field="mode", severity=Severity.WARNING)
    elif scope.accounts is Accounts.LISTED and not scope.listed:
        message = _("Name the connected accounts whose events start the workflow.")
        yield Problem(f"{path}/accounts", "no_accounts", message, field="accounts")
    for account in scope.listed:
        if not is_account_id(account):
            message = _("“%s” is not the ID of an account. It begins with “acct_”.") % account
            yield Problem(f"{path}/accounts", "account_id", message, field="accounts")


def _keys(places: list[Place]) -> Iterator[Problem]:
    counts = Counter(place.step["key"] for place in places)
    for place in places:
        key = place.step["key"]
        if counts[key] > 1:
            message = _("More than one step has the key “%s”. Give each step its own key.") % key
            yield Problem(f"{place.path}/key", "duplicate_key", message, step=key, field="key")


def _branch_step(place: Place, known: Known, types: Types) -> Iterator[Problem]:
    key, branches = place.step["key"], place.step["branches"]
    others = [index for index, branch in enumerate(branches) if branch.get("otherwise")]
    if others != [len(branches) - 1]:
        message = _("The last branch, and only the last, must be “All other cases”.")
        yield Problem(f"{place.path}/branches", "no_otherwise", message, step=key)
    yield from _undecided(place)
    keys = Counter(branch["key"] for branch in branches)
    for index, branch in enumerate(branches):
        path = f"{place.path}/branches/{index}"
        if keys[branch["key"]] > 1:
            message = _("More than one branch has the key “%s”.") % branch["key"]
            yield Problem(f"{path}/key", "duplicate_key", message, step=key, branch=branch["key"])
        if branch.get("otherwise"):
            continue
        group = branch.get("conditions") or {"match": "all", "conditions": []}
        if not group["conditions"]:
            message = _("This branch needs at least one condition.")
            yield Problem(f"{path}/conditions", "empty_condition", message, step=key, branch=branch["key"])
            continue
        yield from _conditions(group, f"{path}/conditions", known, types, step=key, branch=branch["key"])


def _undecided(place: Place) -> Iterator[Problem]:
    """A warning where the author takes "All other cases" for the unknown, and these are not harmless."""
    others = [branch["steps"] for branch in place.step["branches"] if branch.get("otherwise")]
    if place.step.get("if_undecided") != IfUndecided.OTHERWISE or not any(map(moves_or_destroys, others)):
        return
    message = _(
        "“All other cases” is taken also where a condition is unknown, and moves money or destroys "
        "something. Let the step stop for a person, unless this is meant."
    )
    yield Problem(
        f"{place.path}/if_undecided",
        "grave_if_undecided",
        message,
        step=place.step["key"],
        field="if_undecided",
        severity=Severity.WARNING,
    )


def _conditions(
    group: Json, path: str, known: Known, types: Types, *, step: str = "", branch: str = ""
) -> Iterator[Problem]:
    """The problems of one condition tree. No conditions at all means that every event matches."""
    try:
        node = conditions.load(group, types, at=path)
    except conditions.ConditionError as error:
        yield Problem(f"{path}{error.path}", "condition", error.message, step=step, branch=branch)
        return
    for problem in conditions.check(node, known, allow_empty=True, tracks_changes=known.tracks_changes):
        yield Problem(
            f"{path}{problem.path}",
            problem.code,
            problem.message,
            step=step,
            branch=branch,
            field=problem.field,
            severity=Severity.WARNING if problem.is_warning else Severity.ERROR,
        )


def _action_step(place: Place, known: Known) -> Iterator[Problem]:
    step = place.step
    key, inputs = step["key"], step.get("inputs", {})
    yield from _if_it_fails(place)
    action = registry.find(step["action"])
    if action is None:
        message = (
            with_close(
                _("The action “%s” is not installed. Install it, or choose another one.") % step["action"],
                step["action"],
                (one.key for one in registry.all()),
            )
            if step["action"]
            else _("Choose an action.")
        )
        yield Problem(f"{place.path}/action", "unknown_action", message, step=key, field="action")
        return
    base = f"{place.path}/inputs"
    yield from _secrets(place, action, inputs)
    for problem in (*action.check(inputs), *action.check_current(inputs)):
        name = problem.path.partition(".")[0]
        yield Problem(f"{base}/{_pointer(problem.path)}", problem.code, problem.message, step=key, field=name)
    for path, template in action.templates(inputs):
        name = path.partition(".")[0]
        for found in reference_problems(template, known, takes=action.input(name).takes):
            label = _("%(field)s: %(message)s") % {
                "field": action.input(name).label,
                "message": found.message,
            }
            place_of = f"{base}/{_pointer(path)}"
            yield Problem(place_of, found.code, label, step=key, field=name, severity=found.severity)


def _secrets(place: Place, action: Action, inputs: Json) -> Iterator[Problem]:
    named = secret_names.named_in(action, inputs)
    gone = secret_names.missing(named.values())
    for name, secret in named.items():
        if secret in gone:
            message = _("“%(label)s”: there is no secret “%(name)s”. Store it, or choose another one.") % {
                "label": action.input(name).label,
                "name": secret,
            }
            path = f"{place.path}/inputs/{name}"
            yield Problem(path, "no_secret", message, step=place.step["key"], field=name)


def in_clear(document: Json) -> list[Problem]:
    """The inputs that hold a secret in place of its name. Such a document is kept nowhere."""
    found = []
    for place in steps(document):
        inputs = place.step.get("inputs") or {}
        for field in clear_fields(place.step.get("action", ""), inputs):
            path = f"{place.path}/inputs/{field.name}"
            for problem in field.check(inputs[field.name]):
                found.append(
                    Problem(path, problem.code, problem.message, place.step["key"], field=field.name)
                )
    return found


def _accounts(place: Place, known: Known, scope: TriggerScope) -> Iterator[Problem]:
    action = registry.find(place.step.get("action", ""))
    if action is None:
        return
    for field, code, message in account_doubts(place.step, action, known, scope):
        path = f"{place.path}/acts_as" if field == "acts_as" else f"{place.path}/inputs/{field}"
        yield Problem(path, code, message, step=place.step["key"], field=field, severity=Severity.WARNING)


def _if_it_fails(place: Place) -> Iterator[Problem]:
    key, error_branch = place.step["key"], place.step.get("error_branch")
    if error_branch is not None and not error_branch["steps"]:
        message = _("The branch “If it fails” has no steps, so nobody would notice a failure. Add one.")
        path = f"{place.path}/error_branch/steps"
        yield Problem(path, "empty_error_branch", message, step=key, branch=ERROR_BRANCH_KEY)
    for name, code, message in retry_problems(place.step.get("retry", {})):
        yield Problem(f"{place.path}/retry/{name}", code, message, step=key, field=name)


def _pointer(dotted: str) -> str:
    return dotted.replace(".", "/")
