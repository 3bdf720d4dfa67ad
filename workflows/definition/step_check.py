"""Checking one step: what its block says of it, by what is known at its place."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from stripeflow.actions.base import Action
from stripeflow.workflows import conditions
from stripeflow.workflows.conditions import Types
from stripeflow.workflows.definition import connection_names, secret_names
from stripeflow.workflows.definition.accounts import account_doubts
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.lanes import lanes
from stripeflow.workflows.definition.problems import Problem, Severity
from stripeflow.workflows.definition.referring import reference_problems
from stripeflow.workflows.definition.scope import TriggerScope
from stripeflow.workflows.definition.typing import Known
from stripeflow.workflows.definition.walk import Place


@dataclass(frozen=True)
class StepCheck:
    """One step to be checked: where it stands, what is known there, and which events start the workflow."""

    place: Place
    known: Known
    types: Types
    scope: TriggerScope

    @property
    def step(self) -> Json:
        return self.place.step

    def problem(
        self,
        path: str,
        code: str,
        message: str,
        *,
        field: str = "",
        branch: str = "",
        severity: Severity = Severity.ERROR,
    ) -> Problem:
        """A problem of the step; `path` begins at the step."""
        place = f"{self.place.path}/{path}" if path else self.place.path
        return Problem(place, code, message, self.step["key"], branch=branch, field=field, severity=severity)

    def conditions(self, group: Json, path: str, *, branch: str) -> Iterator[Problem]:
        """The problems of the conditions of one lane."""
        place = f"{self.place.path}/{path}"
        lane = next((one for one in lanes(self.step) if one.key == branch), None)
        known = self.known.in_lane(self.place, lane) if lane else self.known
        yield from condition_problems(group, place, known, self.types, step=self.step["key"], branch=branch)

    def inputs(self, action: Action, inputs: Json) -> Iterator[Problem]:
        """The problems of inputs, by what declares them."""
        yield from self._secrets(action, inputs)
        yield from self._connections(action, inputs)
        for problem in (*action.check(inputs), *action.check_current(inputs)):
            name = _input_name(action, problem.path)
            place = _pointer(name, problem.path)
            yield self.problem(place, problem.code, problem.message, field=name)
        for path, template in action.templates(inputs):
            declared = action.input_at(path)
            name = declared.name
            for found in reference_problems(template, self.known, takes=declared.takes_at(path)):
                label = _("%(field)s: %(message)s") % {
                    "field": declared.label,
                    "message": found.message,
                }
                place = _pointer(name, path)
                yield self.problem(place, found.code, label, field=name, severity=found.severity)

    def accounts(self, action: Action) -> Iterator[Problem]:
        """Warnings where ids may be of another account than the step acts in."""
        for field, code, message in account_doubts(self.step, action, self.known, self.scope):
            path = field if field == "acts_as" else f"inputs/{field}"
            yield self.problem(path, code, message, field=field, severity=Severity.WARNING)

    def _secrets(self, action: Action, inputs: Json) -> Iterator[Problem]:
        named = secret_names.named_in(action, inputs)
        gone = secret_names.missing(named.values())
        for name, secret in named.items():
            if secret in gone:
                message = _(
                    "“%(label)s”: there is no secret “%(name)s”. Store it, or choose another one."
                ) % {
                    "label": action.input(name).label,
                    "name": secret,
                }
                path = f"{self.place.path}/inputs/{name}"
                yield Problem(path, "no_secret", message, step=self.step["key"], field=name)

    def _connections(self, action: Action, inputs: Json) -> Iterator[Problem]:
        named = connection_names.named_in(action, inputs)
        known = connection_names.stored(named.values())
        for name, connection in named.items():
            label, found = action.input(name).label, known.get(connection)
            if found is None:
                message = _(
                    "“%(label)s”: there is no connection “%(name)s”. Create it, or choose another one."
                )
                yield self._of_input(name, "no_connection", message % {"label": label, "name": connection})
            elif found.fault:
                message = _("“%(label)s”: the connection “%(title)s” cannot be used. %(why)s")
                values = {"label": label, "title": found.title, "why": found.fault}
                yield self._of_input(name, "connection_unusable", message % values)
            elif found.kind != action.input(name).connection_kind:
                message = _("“%(label)s”: the connection “%(title)s” is of another kind. Choose another one.")
                yield self._of_input(
                    name, "connection_kind", message % {"label": label, "title": found.title}
                )

    def _of_input(self, name: str, code: str, message: str) -> Problem:
        return self.problem(f"inputs/{name}", code, message, field=name)


def condition_problems(
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


def _input_name(action: Action, path: str) -> str:
    """The input that a problem's path leads to; of one that does not exist, what was given."""
    try:
        return action.input_at(path).name
    except KeyError:
        return path


def _pointer(name: str, path: str) -> str:
    """A path in the step to a place in an input, whose own name may hold dots."""
    return f"inputs/{name}{path.removeprefix(name).replace('.', '/')}"
