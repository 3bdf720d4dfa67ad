"""A loop over a list that the run knows: of its event, or of an earlier step; and over all of its pages."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stripeflow.actions.inputs import ChoiceInput, ListInput
from stripeflow.workflows.blocks.loop.base import RULES, LoopingBlock, NotRead, Read
from stripeflow.workflows.blocks.loop.listing import (
    cursor_behind,
    data_of,
    listing_key,
    listing_of,
    not_a_page,
    paging_action,
    single_path,
)
from stripeflow.workflows.blocks.loop.rules import AtLimit, incomplete
from stripeflow.workflows.definition import kinds
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.plan import BlockPlan
from stripeflow.workflows.definition.problems import Problem, Severity
from stripeflow.workflows.definition.step_check import StepCheck
from stripeflow.workflows.engine.execution import Turn
from stripeflow.workflows.engine.frames import Answer, Next
from stripeflow.workflows.engine.loop_items import Rounds
from stripeflow.workflows.engine.loop_pages import Listing, PageFailed, PageReader
from stripeflow.workflows.references import MissingValue, Scope, TemplateError, format_path, parse, resolve
from stripeflow.workflows.rehearsal.walking import Walk

_LIST, _PAGES = "list", "pages"


class Pages(StrEnum):
    """Of a list that comes a page at a time, such as Stripe's. A loop that says nothing takes the first."""

    ALL = "all"
    FIRST = "first"


class LoopBlock(LoopingBlock):
    kind = "loop"
    label = gettext_lazy("Loop over a list")
    description = gettext_lazy(
        "Run steps once for each item of a list, one after the other or several at once."
    )
    inputs = (
        ListInput(
            _LIST,
            label=gettext_lazy("List"),
            help_text=gettext_lazy(
                "A list of the trigger or of an earlier step, such as {{ trigger.lines }}."
            ),
            required=True,
        ),
        *RULES,
        ChoiceInput(
            _PAGES,
            label=gettext_lazy("Pages of the list"),
            help_text=gettext_lazy("A step such as “List charges” gives the first page of its list."),
            default=Pages.ALL.value,
            advanced=True,
            choices=(
                (Pages.ALL.value, gettext_lazy("Read all pages")),
                (Pages.FIRST.value, gettext_lazy("Take the first page only")),
            ),
        ),
    )

    # The run

    def known_list(self, plan: BlockPlan, turn: Turn, inputs: Json) -> Read | None:
        listing = self._listing(plan, turn)
        if listing is not None and listing.inputs_behind("", most=1) is not None:
            # A page that was too large for its row is read once more, before any item runs.
            return _read(listing.page, "") if "data" in listing.page else None
        takes_less = inputs["at_limit"] == AtLimit.TAKE_FIRST
        if not takes_less and is_incomplete(plan.inputs.get(_LIST), turn.scope):
            raise NotRead(incomplete())
        return Read(inputs[_LIST])

    def page_behind(self, plan: BlockPlan, turn: Turn, rounds: Rounds, *, most: int) -> Read:
        listing, cursor = self._listing(plan, turn), rounds.loop.cursor
        inputs = None if listing is None else listing.inputs_behind(cursor, most=most)
        if listing is None or inputs is None:
            raise NotRead(not_a_page())
        walk = turn.walk
        try:
            page = PageReader(walk.run, walk.claim, plan, rounds.loop, listing).read(inputs)
        except PageFailed as failed:
            raise NotRead(failed.error) from failed
        return _read(page, cursor)

    def _inputs(self, plan: BlockPlan, turn: Turn) -> Json:
        listing = self._listing(plan, turn)
        if listing is not None and "data" not in listing.page:
            # Nothing can refer to what was too large to be kept.
            emptied = replace(plan, inputs={**plan.inputs, _LIST: []})
            return super()._inputs(emptied, turn)
        return super()._inputs(plan, turn)

    def _listing(self, plan: BlockPlan, turn: Turn) -> Listing | None:
        """The step whose pages are read on; None where the loop takes what it refers to, and no more."""
        if plan.inputs.get(_PAGES) != Pages.ALL:
            return None
        return listing_of(turn, listing_key(plan.inputs.get(_LIST)))

    def kept_inputs(self, inputs: Json) -> Json:
        return {name: value for name, value in inputs.items() if name != _LIST}

    def act(self, plan: BlockPlan, inputs: Json, *, since: datetime, scope: Mapping[str, Any]) -> Answer:
        return Next()

    # Before it runs

    def expected(self, plan: BlockPlan, walk: Walk, inputs: Json) -> tuple[Sequence[Any] | None, str]:
        step = walk.plan.step(listing_key(plan.inputs.get(_LIST)))
        if step is None or paging_action(step.head) is None:
            return inputs[_LIST], ""
        title = step.name or kinds.of(step.head).title(step.head)
        return None, _("“%s” would list live objects of Stripe: not evaluated.") % title

    def list_path(self, step: Json) -> str:
        return path_of_list(step.get("inputs", {}).get(_LIST))

    def further_problems(self, check: StepCheck) -> Iterator[Problem]:
        yield from super().further_problems(check)
        path, inputs = self.list_path(check.step), check.step["inputs"]
        found = check.known.find(check.known.list_at(path)) if path else None
        if found is not None and not found.guessed and found.type not in ("list", "any"):
            message = _("“%s” is not a list. Choose a list.") % found.label
            yield check.problem(f"inputs/{_LIST}", "not_a_list", message, field=_LIST)
        if not inputs.get(_PAGES) and paging_action(check.known.step(listing_key(inputs.get(_LIST)))):
            message = _(
                "The list comes a page at a time, and the loop takes its first page only. Choose whether it "
                "reads all pages."
            )
            where = f"inputs/{_PAGES}"
            severity = Severity.WARNING
            yield check.problem(where, "first_page_only", message, field=_PAGES, severity=severity)


def _read(page: Json, before: str) -> Read:
    """What a page holds, and what the next one is behind. Raises `NotRead`."""
    try:
        return Read(data_of(page), cursor_behind(page, before))
    except ValueError as error:
        raise NotRead(not_a_page()) from error


def path_of_list(template: object) -> str:
    """The path of the list that a setting refers to; "" where no one path has its items."""
    return format_path(single_path(template))


def is_incomplete(template: object, scope: Scope) -> bool:
    """Whether Stripe says of a list that it has sent only the first items."""
    try:
        path = parse(str(template)).references[0].path
        found = resolve(path[:-1] if path[-1] == "data" else path, scope)
    except (TemplateError, MissingValue, IndexError):
        return False
    return isinstance(found, dict) and found.get("has_more") is True
