"""Moving a step to another level, and copying it to another place or workflow."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from stripeflow.workflows.admin.base.links import workflow_url
from stripeflow.workflows.admin.base.outcomes import refused
from stripeflow.workflows.admin.editor.places import NewPlace, place_in
from stripeflow.workflows.admin.editor.scope import Scope
from stripeflow.workflows.admin.editor.step_page import PlacePage, StepPage, edit
from stripeflow.workflows.definition.clear_secrets import values_in
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.display.cards import Card
from stripeflow.workflows.display.outline import outline, rows_of
from stripeflow.workflows.drafts import arrange
from stripeflow.workflows.drafts.copying import step_of
from stripeflow.workflows.drafts.moving import InsideItself, check_limits, insert_copy, relocate
from stripeflow.workflows.models import Step

# The copied step waits in the session, so that it can be pasted into any workflow.
COPIED = "stripeflow_copied_step"


@dataclass(frozen=True)
class Level:
    """The places of one level, as (value, label) of a select."""

    label: str
    places: tuple[tuple[str, str], ...]


class ChoosePlacePage(StepPage):
    """Choose another place for a step; POST moves it, with all that is inside it."""

    name = "place"
    template = "stripeflow/workflows/admin/step_place.html"

    def get(self, request: HttpRequest, step: Step) -> HttpResponse:
        scope = Scope(step.workflow)
        drawn = outline(scope.document, rows=rows_of(step.workflow), deleted=scope.deleted)
        title = _("Move “%s”") % arrange.title_of(step)
        found = list(levels(drawn.cards, moving=step.key))
        return self.shown(request, step=step, title=title, levels=found)

    def post(self, request: HttpRequest, step: Step) -> HttpResponse:
        place = _posted_target(request, step)

        def change() -> Step:
            relocate(step, branch=place.branch, position=place.position)
            check_limits(step.workflow)
            return step

        message = _("Moved the step “%s”.") % arrange.title_of(step)
        try:
            return edit(request, step.workflow, change, message)
        except InsideItself:
            return refused(request, step.workflow, _("A step cannot be moved into itself."))


class CopyPage(StepPage):
    """Keep a copy of a step, with all that is inside it, to be pasted."""

    name = "copy"

    def post(self, request: HttpRequest, step: Step) -> HttpResponse:
        title = arrange.title_of(step)
        copied = step_of(Scope(step.workflow).document, step.key)
        if values_in({"steps": [copied]}):
            message = _("“%s” holds the value of a secret in clear. Store it as a secret in its form first.")
            return refused(request, step.workflow, message % title)
        request.session[COPIED] = {"title": title, "step": copied}
        message = _("Copied “%s”. Paste it by the + where you want it, here or in another workflow.")
        messages.info(request, message % title)
        return HttpResponseRedirect(workflow_url(step.workflow, self.admin.anchor_of(step)))


class PastePage(PlacePage):
    """Insert the copied step."""

    name = "paste"
    route = "add/paste/"

    def post(self, request: HttpRequest, place: NewPlace) -> HttpResponse:
        copied = copied_step(request)
        if copied is None:
            why = _("There is no copied step any more. Copy it again.")
            return refused(request, place.workflow, why)

        def change() -> Step:
            row = insert_copy(place.workflow, copied["step"], branch=place.branch, position=place.position)
            check_limits(place.workflow)
            return row

        return edit(request, place.workflow, change, _("Pasted the step “%s”.") % copied["title"])


def copied_step(request: HttpRequest) -> Json | None:
    """The step that this person copied last, as `{"title", "step"}`; None if there is none."""
    return request.session.get(COPIED)


def levels(cards: tuple[Card, ...], *, moving: str, branch: str = "", label: str = "") -> Iterator[Level]:
    """Every place where the step `moving` could stand instead, level by level."""
    yield Level(label or _("The workflow itself"), tuple(_places(cards, moving, branch)))
    for card in cards:
        if card.key == moving:
            continue
        for way in card.ways:
            label = f"{card.title} › {way.title}"
            yield from levels(way.cards, moving=moving, branch=str(way.pk), label=label)


def _places(cards: tuple[Card, ...], moving: str, branch: str) -> Iterator[tuple[str, str]]:
    before = None
    for position, card in enumerate((*cards, None)):
        stays = moving in (before and before.key, card and card.key)
        if not stays:
            words = _("At the beginning") if before is None else _("After “%s”") % before.title
            yield f"{branch}:{position}", words
        before = card


def _posted_target(request: HttpRequest, step: Step) -> NewPlace:
    """The place that was chosen, as `branch:position`. Raises `Http404` if it is none of this workflow."""
    branch, colon, position = request.POST.get("place", "").partition(":")
    if not colon:
        raise Http404
    return place_in(step.workflow, branch=branch, position=position)
