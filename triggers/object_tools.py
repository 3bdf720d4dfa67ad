"""What stands on the admin page of a mirrored object besides its fields: set by `workflows`."""

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from stripeflow.triggers.mirror_reading import MirroredObject, object_of

# The template to show, which extends `parent_template`, and what it needs besides; None to leave the page.
Tools = tuple[str, Mapping[str, Any]] | None
Answer = Callable[[HttpRequest, MirroredObject], Tools]


def _none(_request: HttpRequest, _shown: MirroredObject) -> Tools:
    return None


_answers: list[Answer] = [_none]


def set_tools(answer: Answer) -> None:
    """Register what the page of an object has for the person who asks for it."""
    _answers[:] = [answer]


class ObjectTools:
    """For the `ModelAdmin` of one of dj-stripe's tables, before it: its pages offer what fits the object.

    The guarded pages have it. A project that has pages of its own for these tables adds it there.
    """

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        response: HttpResponse = super().render_change_form(request, context, *args, **kwargs)  # type: ignore[misc]  # of a ModelAdmin
        shown = object_of(kwargs.get("obj"))
        tools = _answers[0](request, shown) if shown else None
        return _with(response, *tools) if tools else response


def _with(response: HttpResponse, template: str, more: Mapping[str, Any]) -> HttpResponse:
    """The same page with a template around its own one, whatever that is."""
    if isinstance(response, TemplateResponse):
        parent = response.resolve_template(response.template_name)
        response.context_data = {**(response.context_data or {}), **more, "parent_template": parent}
        response.template_name = template
    return response
