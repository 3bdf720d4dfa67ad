"""Moving a step to another level, and copying it to another place or workflow."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern
from django.utils.translation import gettext as _

from stripeflow.workflows.admin.base.links import workflow_url
from stripeflow.workflows.admin.editor.places import NewPlace, place_in
from stripeflow.workflows.admin.editor.scope import Scope
from stripeflow.workflows.definition.clear_secrets import values_in
from stripeflow.workflows.definition.walk import Json
from stripeflow.workflows.display.cards import Card
from stripeflow.workflows.display.outline import outline, rows_of
from stripeflow.workflows.drafts import arrange
from stripeflow.workflows.drafts.copying import step_of
from stripeflow.workflows.drafts.moving import InsideItself, check_limits, insert_copy, relocate
from stripeflow.workflows.models import Step

PLACE_TEMPLATE = "stripeflow/workflows/admin/step_place.html"
# The copied step waits in the session, so that it can be pasted into any workflow.
COPIED = "stripeflow_copied_step"


@dataclass(frozen=True)
class Level:
    """The places of one level, as (value, label) of a select."""

    label: str
    places: tuple[tuple[str, str], ...]


class StepMoves:
    """Move to another place, copy and paste. A mixin of the steps' ModelAdmin, beside `StepButtons`."""

    admin_site: Any
    _url: Callable[..., URLPattern]
    _edit: Callable[..., HttpResponse]
    _posted_step: Callable[..., Step]
    _posted_place: Callable[..., NewPlace]

    def get_urls(self) -> list[URLPattern]:
        return [
            self._url("<int:object_id>/place/", "place", self.place_view),
            self._url("<int:object_id>/copy/", "copy", self.copy_view),
            self._url("add/paste/", "paste", self.paste_view),
            *super().get_urls(),
        ]

    def place_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Choose another place for a step; POST moves it, with all that is inside it."""
        step = self.piece(request, str(object_id))
        if request.method != "POST":
            return self._choose_place(request, step)
        place = _posted_target(request, step)

        def change() -> Step:
            relocate(step, branch=place.branch, position=place.position)
            check_limits(step.workflow)
            return step

        message = _("Moved the step “%s”.") % arrange.title_of(step)
        try:
            return self._edit(request, step.workflow, change, message)
        except InsideItself:
            return self.refused(request, step.workflow, _("A step cannot be moved into itself."))

    def _choose_place(self, request: HttpRequest, step: Step) -> HttpResponse:
        scope = Scope(step.workflow)
        drawn = outline(scope.document, rows=rows_of(step.workflow), deleted=scope.deleted)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Move “%s”") % arrange.title_of(step),
            "opts": self.opts,
            "media": self.media,
            "workflow": step.workflow,
            "workflow_url": workflow_url(step.workflow, self.anchor_of(step)),
            "levels": list(levels(drawn.cards, moving=step.key)),
        }
        return TemplateResponse(request, PLACE_TEMPLATE, context)

    def copy_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Keep a copy of a step, with all that is inside it, to be pasted."""
        step = self._posted_step(request, object_id)
        copied = step_of(Scope(step.workflow).document, step.key)
        if values_in({"steps": [copied]}):
            message = _("“%s” holds the value of a secret in clear. Store it as a secret in its form first.")
            return self.refused(request, step.workflow, message % arrange.title_of(step))
        request.session[COPIED] = {"title": arrange.title_of(step), "step": copied}
        message = _("Copied “%s”. Paste it by the + where you want it, here or in another workflow.")
        messages.info(request, message % arrange.title_of(step))
        return HttpResponseRedirect(workflow_url(step.workflow, self.anchor_of(step)))

    def paste_view(self, request: HttpRequest) -> HttpResponse:
        """Insert the copied step."""
        place = self._posted_place(request)
        copied = copied_step(request)
        if copied is None:
            return self.refused(
                request, place.workflow, _("There is no copied step any more. Copy it again.")
            )

        def change() -> Step:
            row = insert_copy(place.workflow, copied["step"], branch=place.branch, position=place.position)
            check_limits(place.workflow)
            return row

        return self._edit(request, place.workflow, change, _("Pasted the step “%s”.") % copied["title"])


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
