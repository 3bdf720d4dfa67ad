"""Requests to any address of the site, made from a seed: right ones, strange ones, and all between."""

import json
import random
from dataclasses import dataclass, field
from typing import Any

from django.urls import URLPattern

from tests.campaigns import hostile
from tests.campaigns.role_addresses import Addresses
from tests.campaigns.role_contents import Contents
from tests.campaigns.role_forms import Harvest, names_in, questions_of, read
from tests.campaigns.role_world import Stage
from tests.workflows.doors.test_values import MARKS, text_of

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "BREW")


@dataclass(frozen=True)
class Request:
    """One request; `path` has its question, too."""

    method: str
    path: str
    body: bytes = b""
    content_type: str = "application/octet-stream"
    headers: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.method} {self.path[:300]} {self.content_type} {self.body[:600]!r} {self.headers}"


class Maker:
    """Makes requests about what is in the database of `stage` when it is made."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._addresses = Addresses(stage)
        self._harvest = Harvest()
        self._contents = Contents(stage, self._addresses.ids, self._harvest)

    def reap(self) -> None:
        """Read as somebody who may do everything what pages ask, so that it can be sent by others."""
        rng = random.Random("harvest")
        for text, _one in self._addresses.pages:
            for _ in range(2 if names_in(text) else 1):
                response = self._stage.root.get(self._addresses.fill(rng, text, strange=0.0))
                if response.status_code == 200 and "html" in response.get("Content-Type", ""):
                    found, questions = read(text_of_page(response), without=MARKS)
                    self._harvest.forms.setdefault(text, []).extend(found)
                    self._harvest.questions |= questions
        schema = self._stage.root.get("/api/v1/schema/", headers={"Accept": "application/json"})
        self._harvest.questions |= questions_of(json.loads(schema.content))

    def make(self, rng: random.Random, near: str = "") -> Request:
        """The next request of this generator; half of them go to addresses with `near` in them."""
        text, one = self._addresses.choose(rng, near)
        path = self._addresses.fill(rng, text, strange=0.12)
        method = _method(rng, text, one)
        if rng.random() < 0.35:
            path += "?" + self._contents.question(rng)
        if method in ("GET", "HEAD", "OPTIONS", "TRACE"):
            return Request(method, path, headers=self._contents.headers(rng, path))
        if text.startswith("api/"):
            body, content_type = self._contents.json(rng, one, path)
        else:
            body, content_type = self._contents.form(rng, text, path)
        if rng.random() < 0.04:
            content_type = rng.choice(hostile.CONTENT_TYPES[:-1])
        return Request(method, path, body, content_type, self._contents.headers(rng, path))


def text_of_page(response: Any) -> str:
    """The page as it was sent."""
    return response.content.decode(errors="replace")


def marks_in(response: Any) -> list[str]:
    """What of an event's values is seen in the answer."""
    text = text_of(response)
    return [mark for mark in MARKS if mark in text]


def _method(rng: random.Random, text: str, one: URLPattern) -> str:
    if rng.random() < 0.08:
        return rng.choice(METHODS)
    declared = getattr(one.callback, "actions", None)
    if declared:
        return rng.choice(list(declared)).upper()
    return "GET" if text.startswith("api/") else rng.choice(("GET", "POST"))
