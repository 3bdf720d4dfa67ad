"""The buttons on the cards of the outline: each is a small form that makes one guarded change."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from stripeflow.workflows.admin.editor.places import NewPlace
from stripeflow.workflows.admin.editor.step_page import PlacePage, StepPage, edit
from stripeflow.workflows.definition import kinds
from stripeflow.workflows.drafts import arrange
from stripeflow.workflows.drafts.moving import check_limits, duplicate
from stripeflow.workflows.models import Branch, Step


class AddBlockPage(PlacePage):
    """Add a step of a kind, and open it, or its lane that needs conditions."""

    name = "add_block"
    route = "add/block/"

    def post(self, request: HttpRequest, place: NewPlace) -> HttpResponse:
        block = kinds.find(request.GET.get("kind", ""))
        if block is None or not block.is_listed:
            raise Http404

        def change() -> Step | Branch | None:
            step = arrange.add_block(place.workflow, place.branch, place.position, block.kind)
            check_limits(place.workflow)
            return step.branches.first() if block.adds_lanes else step

        message = _("Added a branch.") if block.adds_lanes else _("Added: %s.") % block.label
        return edit(request, place.workflow, change, message)


class BranchPage(StepPage):
    """Add one more branch to a branch step, and open it."""

    name = "branch"

    def post(self, request: HttpRequest, step: Step) -> HttpResponse:
        if not kinds.named(step.kind).adds_lanes:
            raise Http404
        return edit(request, step.workflow, lambda: arrange.add_branch(step), _("Added a branch."))


class MovePage(StepPage):
    """Move a step up or down within its level."""

    name = "move"

    def post(self, request: HttpRequest, step: Step) -> HttpResponse:
        by = {"up": -1, "down": 1}.get(request.POST.get("direction", ""))
        if by is None:
            raise Http404
        message = _("Moved the step “%s”.") % arrange.title_of(step)

        def change() -> Step:
            arrange.move(step, by)
            return step

        return edit(request, step.workflow, change, message)


class DuplicateStepPage(StepPage):
    """Put a copy of a step right behind it."""

    name = "duplicate"

    def post(self, request: HttpRequest, step: Step) -> HttpResponse:
        if not kinds.named(step.kind).may_duplicate:
            raise Http404

        def change() -> Step:
            copy = duplicate(step)
            check_limits(step.workflow)
            return copy

        message = _("Duplicated the step “%s”.") % arrange.title_of(step)
        return edit(request, step.workflow, change, message)


class DeleteStepPage(StepPage):
    """Ask, then delete the step with all that is inside it. It replaces Django's own page."""

    name = "delete"
    route = "<path:object_id>/{name}/"
    template = "stripeflow/workflows/admin/step_delete.html"

    def get(self, request: HttpRequest, step: Step) -> HttpResponse:
        return self.shown(
            request,
            step=step,
            title=_("Delete the step “%s”?") % arrange.title_of(step),
            users_of_it=[*map(arrange.title_of, arrange.users_of(step))],
            within=[*map(arrange.title_of, arrange.steps_within(step))],
        )

    def post(self, request: HttpRequest, step: Step) -> HttpResponse:
        message = _("Deleted the step “%s”.") % arrange.title_of(step)
        return edit(request, step.workflow, lambda: arrange.remove(step), message)
