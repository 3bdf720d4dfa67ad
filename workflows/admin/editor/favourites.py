"""Actions that a person has marked, and those that were used last: the gallery shows them first."""

from collections.abc import Iterable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from stripeflow.actions import registry
from stripeflow.actions.base import KEY_PATTERN
from stripeflow.actions.offers import Offer
from stripeflow.workflows import permissions
from stripeflow.workflows.admin.base.people import person_of
from stripeflow.workflows.admin.editor.places import NewPlace
from stripeflow.workflows.admin.editor.step_page import PlacePage
from stripeflow.workflows.models import FavouriteAction, Step

# So many a person may mark, and so many that were used last are shown.
MOST = 50
_RECENT = 6
# Among so many of the newest steps they are looked for.
_NEWEST = 200
ADD, REMOVE = "add", "remove"


class FavouritePage(PlacePage):
    """The star of an action: POST marks it, or takes the mark away."""

    name = "favourite"
    route = "add/favourite/"
    permission = permissions.may_edit

    def post(self, request: HttpRequest, place: NewPlace) -> HttpResponse:
        person, key = person_of(request), request.POST.get(REMOVE) or request.POST.get(ADD, "")
        if not KEY_PATTERN.fullmatch(key):
            raise Http404
        if REMOVE in request.POST:
            FavouriteAction.objects.filter(user=person, action=key).delete()
        else:
            _mark(person, key)
        gallery = reverse("admin:stripeflow_workflows_step_add")
        return HttpResponseRedirect(f"{gallery}?{place.query}")


def _mark(person: Any, key: str) -> None:
    if registry.find(key) is None:
        raise Http404
    if FavouriteAction.objects.filter(user=person).count() < MOST:
        FavouriteAction.objects.get_or_create(user=person, action=key)


def marked(person: Any) -> frozenset[str]:
    """The keys of the actions that this person has marked."""
    return frozenset(FavouriteAction.objects.filter(user=person).values_list("action", flat=True))


def recent(offers: Iterable[Offer], *, but: frozenset[str]) -> list[Offer]:
    """The actions of the newest steps of all workflows, the newest first, without those of `but`."""
    newest = Step.objects.exclude(action="").order_by("-pk").values_list("action", flat=True)[:_NEWEST]
    found = {one.key: one for one in offers if not one.off}
    keys = (key for key in dict.fromkeys(newest) if key in found and key not in but)
    return [found[key] for key, _number in zip(keys, range(_RECENT), strict=False)]
