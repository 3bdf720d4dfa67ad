"""Every address of the site, filled with the ids of rows that are there, or with what is no id."""

import random
import re
from functools import cached_property

from django.apps import apps
from django.urls import URLPattern

from stripeflow.triggers.models import Event
from tests.campaigns import hostile
from tests.campaigns.role_forms import names_in
from tests.campaigns.role_subjects import wanted
from tests.campaigns.role_texts import quoted
from tests.campaigns.role_world import Stage
from tests.workflows.doors import routes

# It would end the session of the person who asks.
LEFT_OUT = re.compile(r"/logout/$")
OTHERS = re.compile(r"^admin/(djstripe|django_q|sites|auth|r)/|\(\?P<|^stripe/webhook")
MANY = 40


class Addresses:
    """The addresses of what is in the database of `stage` when it is made."""

    def __init__(self, stage: Stage) -> None:
        found = [(text, one) for text, one in routes.patterns() if not LEFT_OUT.search(text)]
        others = [one for one in found if OTHERS.search(one[0])]
        api = [one for one in found if one[0].startswith("api/") and one not in others]
        self.pages = [one for one in found if one not in others and one not in api]
        self._groups = (api, self.pages, others)
        self._wanted = wanted(stage.world)
        self._known = {
            (text, name): self._ids(text, name) + self._asked_most(text, name)
            for text, _one in found
            for name in names_in(text)
        }

    def choose(self, rng: random.Random, near: str = "") -> tuple[str, URLPattern]:
        """One of them, not filled yet. Half of the time it is one whose text has `near` in it."""
        if near and rng.random() < 0.5:
            return rng.choice([one for group in self._groups for one in group if near in one[0]])
        return rng.choice(rng.choices(self._groups, weights=(45, 45, 10))[0])

    @cached_property
    def ids(self) -> list[str]:
        """All ids that some address takes."""
        return sorted({one for ids in self._known.values() for one in ids})

    def fill(self, rng: random.Random, text: str, *, strange: float) -> str:
        """The address of this pattern; `strange` is the share of what is no id."""

        def value(found: re.Match[str]) -> str:
            if rng.random() < strange:
                return quoted(rng.choice(hostile.STRANGE))
            return quoted(rng.choice(self._known[text, found[1]]))

        path = re.sub(r"<(?:\w+:)?(\w+)>", value, text)
        # What is left are regular expressions: of the list of an app, and of what is nowhere else.
        path = re.sub(r"\^?\(\?P<\w+>(.*)\)", lambda found: _instead(rng, found[1]), path)
        return "/" + re.sub(r"\\Z|[$^]", "", path)

    def _ids(self, text: str, name: str) -> list[str]:
        if OTHERS.search(text):
            found = re.match(r"admin/(\w+)/(\w+)/", text)
            rows = (
                apps.get_model(found[1], found[2])._base_manager.values_list("pk", flat=True) if found else ()
            )
            return [str(pk) for pk in rows[:MANY]] or ["1"]
        if name in ("object_id", "pk"):
            return [str(pk) for pk in routes.model_of(text)._base_manager.values_list("pk", flat=True)] or [
                "1"
            ]
        ids = routes.values_of(text, name)
        if text.startswith("api/v1/events/"):
            ids += list(Event.objects.values_list("external_id", flat=True))
        return ids

    def _asked_most(self, text: str, name: str) -> list[str]:
        """Those of the ids that have values to tell, or money that waits, several times."""
        ids = self._ids(text, name)
        found = [one for one in ids if one in self._wanted]
        return found * (3 * len(ids) // len(found)) if found else []


def _instead(rng: random.Random, expression: str) -> str:
    if "|" in expression:
        return rng.choice(expression.split("|"))
    return quoted(rng.choice(hostile.STRANGE))
