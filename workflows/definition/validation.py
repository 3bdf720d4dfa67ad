"""What a definition means, checked before activation: every problem at once, each with its place."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from stripeflow.triggers import catalogue
from stripeflow.triggers.widths import TOPIC_WIDTH
from stripeflow.workflows.conditions import Types
from stripeflow.workflows.definition import kinds
from stripeflow.workflows.definition.cancel_when import cancel_events, cancel_problems, known_of
from stripeflow.workflows.definition.caused import is_open_to_others
from stripeflow.workflows.definition.choices import Accounts
from stripeflow.workflows.definition.clear_secrets import clear_fields
from stripeflow.workflows.definition.condition_types import types_at
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.lanes import ends_run
from stripeflow.workflows.definition.problems import Problem, Problems, Severity
from stripeflow.workflows.definition.schema import trigger_not_installed
from stripeflow.workflows.definition.scope import TriggerScope, is_account_id, scope_of
from stripeflow.workflows.definition.step_check import StepCheck, condition_problems
from stripeflow.workflows.definition.titles import step_title
from stripeflow.workflows.definition.trigger import TriggerPlan
from stripeflow.workflows.definition.typing import Known
from stripeflow.workflows.definition.walk import Place, steps


@dataclass(frozen=True)
class Checked:
    """The result of a check: the problems, and the types that conditions are evaluated by."""

    problems: Problems
    types: Types


def validate(document: Json, *, deleted: tuple[Json, ...] = ()) -> Checked:
    """Every problem of `document`, which has the structure of format 1. Errors block activation.

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
    yield from cancel_problems(document["trigger"], trigger)
    yield from _keys([place for place, _known in places])
    if not places:
        yield Problem("/steps", "no_steps", _("The workflow has no steps. Add one."))
    for place, known in places:
        yield from kinds.of(place.step).problems(StepCheck(place, known, types, scope))
        yield from _behind_the_end(place)


def _behind_the_end(place: Place) -> Iterator[Problem]:
    """A step that never runs, since the one before it always ends the run."""
    if not place.behind or not ends_run(place.step):
        return
    never = place.behind[0]
    if kinds.of(never).runs_on_failure:
        return
    message = _("“%(never)s” never runs, since the run ends with “%(end)s” before it. Move or delete it.") % {
        "never": step_title(never),
        "end": step_title(place.step),
    }
    parent = place.path.rpartition("/")[0]
    yield Problem(f"{parent}/{place.number + 1}", "never_runs", message, step=never["key"])


def moves_money(document: Json) -> bool:
    """Whether any step can move money; one whose action is not installed here may."""
    return any(kinds.of(place.step).moves_money(place.step) for place in steps(document))


def _trigger(trigger: Json, known: Known, types: Types) -> Iterator[Problem]:
    yield from _scope(scope_of(trigger))
    yield from _side(scope_of(trigger), known.trigger)
    yield from _settings(known.trigger)
    group = trigger.get("conditions")
    if group and known.trigger.topics:
        yield from condition_problems(group, "/trigger/conditions", known, types)
    for one in cancel_events(trigger):
        if one.conditions and catalogue.may_be_sent(one.event_type):
            inside = known_of(one, known.trigger)
            yield from condition_problems(one.conditions, f"{one.path}/conditions", inside, types)


def _settings(trigger: TriggerPlan) -> Iterator[Problem]:
    """The problems that the type finds in its settings. Besides, there has to be an event to start on."""
    if trigger.kind is None:
        message = trigger_not_installed(trigger.type)
        yield Problem("/trigger/type", "unknown_trigger_type", message, field="type")
        return
    found = list(trigger.kind.check(trigger.settings))
    if not trigger.topics and all(one.is_warning for one in found):
        yield Problem("/trigger/type", "missing", _("Choose what starts the workflow."), field="type")
    for one in found:
        name = one.path.partition(".")[0]
        severity = Severity.WARNING if one.is_warning else Severity.ERROR
        path = f"/trigger/{one.path.replace('.', '/')}"
        yield Problem(path, one.code, one.message, field=name, severity=severity)
    if all(one.is_warning for one in found):
        yield from _long_topics(trigger)


def _long_topics(trigger: TriggerPlan) -> Iterator[Problem]:
    """Topics that do not fit the column by which an active workflow is found."""
    most = trigger.kind.topic_width if trigger.kind else TOPIC_WIDTH
    for topic in trigger.topics:
        if len(topic) > most:
            message = _(
                "The events that start the workflow have a name of %(length)d characters, “%(start)s…”. At "
                "most %(most)d are possible. Choose something shorter."
            ) % {"length": len(topic), "start": topic[:40], "most": most}
            yield Problem("/trigger/type", "topic_too_long", message, field="type")


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


def _side(scope: TriggerScope, trigger: TriggerPlan) -> Iterator[Problem]:
    """A trigger that starts the workflow by itself has to know in which mode, and for which account."""
    kind, path = trigger.kind, "/trigger/scope"
    if kind is None or not kind.is_addressed or kind.asks_side:
        return
    if scope.livemode is None:
        message = _("This trigger starts the workflow in one mode. Choose live or test mode.")
        yield Problem(f"{path}/mode", "several_modes", message, field="mode")
    if scope.account is None and (scope.accounts is not Accounts.LISTED or scope.listed):
        message = _(
            "This trigger starts the workflow for one account. Choose your own, or name one connected "
            "account."
        )
        yield Problem(f"{path}/accounts", "several_accounts", message, field="accounts")


def _keys(places: list[Place]) -> Iterator[Problem]:
    counts = Counter(place.step["key"] for place in places)
    for place in places:
        key = place.step["key"]
        if counts[key] > 1:
            message = _("More than one step has the key “%s”. Give each step its own key.") % key
            yield Problem(f"{place.path}/key", "duplicate_key", message, step=key, field="key")


def in_clear(document: Json) -> list[Problem]:
    """The inputs that hold a secret in place of its name. Such a document is never stored."""
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
