"""Requests to any address of the site, made from a seed: right ones, strange ones, and all between."""

import json
import random
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import quote, urlencode

from django.apps import apps
from django.urls import URLPattern

from tests.campaigns import hostile
from tests.campaigns.role_forms import Fields, Harvest, names_in, questions_of, read
from tests.campaigns.role_subjects import revisions, wanted
from tests.campaigns.role_world import Stage
from tests.workflows.doors import routes
from tests.workflows.doors.sending import bodies, forms
from tests.workflows.doors.test_values import MARKS, text_of
from triggers.models import Event

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "BREW")
# It would end the session of the person who asks.
LEFT_OUT = re.compile(r"/logout/$")
OTHERS = re.compile(r"^admin/(djstripe|django_q|sites|auth|r)/|\(\?P<|^stripe/webhook")
LONGEST_ADDRESS = 6_000
MANY = 40
# Beside what pages and the API ask: look-ups over what a role may not see, and Django's own words.
QUESTIONS = (
    *("q", "o", "p", "e", "all", "_popup", "_to_field", "_changelist_filters", "format", "lang", "next"),
    *("payload__icontains", "payload__data__object__receipt_email__startswith", "error__message__contains"),
    *(
        "event__payload__data__object__amount__gt",
        "step_runs__outputs__icontains",
        "owner__password__startswith",
    ),
    *("document__icontains", "versions__document__icontains", "id__in", "pk__isnull", "user_name"),
    *("app_label", "model_name", "field_name", "term", "days", "version", "event", "workflow", "position"),
)


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
        found = [(text, one) for text, one in routes.patterns() if not LEFT_OUT.search(text)]
        others = [one for one in found if OTHERS.search(one[0])]
        api = [one for one in found if one[0].startswith("api/") and one not in others]
        pages = [one for one in found if one not in others and one not in api]
        self._groups = (api, pages, others)
        self._wanted = wanted(stage.world)
        self._revisions = revisions()
        self._known = {
            (text, name): self._ids(text, name) + self._asked_most(text, name)
            for text, _one in found
            for name in names_in(text)
        }
        self.harvest = Harvest()

    def reap(self) -> None:
        """Read as somebody who may do everything what pages ask, so that it can be sent by others."""
        rng = random.Random("harvest")
        for text, _one in self._groups[1]:
            for _ in range(2 if names_in(text) else 1):
                response = self._stage.root.get(self._address(rng, text, strange=0.0))
                if response.status_code == 200 and "html" in response.get("Content-Type", ""):
                    found, questions = read(text_of_page(response), without=MARKS)
                    self.harvest.forms.setdefault(text, []).extend(found)
                    self.harvest.questions |= questions
        schema = self._stage.root.get("/api/v1/schema/", headers={"Accept": "application/json"})
        self.harvest.questions |= questions_of(json.loads(schema.content))

    def make(self, rng: random.Random) -> Request:
        """The next request of this generator."""
        text, one = rng.choice(rng.choices(self._groups, weights=(45, 45, 10))[0])
        path = self._address(rng, text, strange=0.12)
        method = self._method(rng, text, one)
        if rng.random() < 0.35:
            path += "?" + self._question(rng)
        if method in ("GET", "HEAD", "OPTIONS", "TRACE"):
            return Request(method, path, headers=self._headers(rng, path))
        if text.startswith("api/"):
            body, content_type = self._json(rng, one, path)
        else:
            body, content_type = self._form(rng, text, path)
        if rng.random() < 0.04:
            content_type = rng.choice(hostile.CONTENT_TYPES[:-1])
        return Request(method, path, body, content_type, self._headers(rng, path))

    # Addresses

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

    def _address(self, rng: random.Random, text: str, *, strange: float) -> str:
        def value(found: re.Match[str]) -> str:
            if rng.random() < strange:
                return _quoted(rng.choice(hostile.STRANGE))
            return _quoted(rng.choice(self._known[text, found[1]]))

        path = re.sub(r"<(?:\w+:)?(\w+)>", value, text)
        # What is left are regular expressions: of the list of an app, and of what is nowhere else.
        path = re.sub(r"\^?\(\?P<\w+>(.*)\)", lambda found: _instead(rng, found[1]), path)
        return "/" + re.sub(r"\\Z|[$^]", "", path)

    def _question(self, rng: random.Random) -> str:
        pairs = []
        for _ in range(rng.choice((1, 1, 1, 2, 3, 6))):
            if rng.random() < 0.6 and self._questions:
                name, value = rng.choice(self._questions)
            else:
                name, value = rng.choice(QUESTIONS), "1"
            pairs.append((name, self._value(rng) if rng.random() < 0.5 else value))
        return _encoded(pairs)[:LONGEST_ADDRESS]

    @cached_property
    def _questions(self) -> list[tuple[str, str]]:
        return sorted(self.harvest.questions)

    @cached_property
    def _some(self) -> list[str]:
        return sorted({one for ids in self._known.values() for one in ids})

    def _value(self, rng: random.Random) -> str:
        return rng.choice(self._some) if rng.random() < 0.5 else _text(rng.choice(hostile.STRANGE))

    # What is sent

    def _method(self, rng: random.Random, text: str, one: URLPattern) -> str:
        if rng.random() < 0.08:
            return rng.choice(METHODS)
        declared = getattr(one.callback, "actions", None)
        if declared:
            return rng.choice(list(declared)).upper()
        return "GET" if text.startswith("api/") else rng.choice(("GET", "POST"))

    def _json(self, rng: random.Random, one: URLPattern, path: str) -> tuple[bytes, str]:
        if rng.random() < 0.1:
            return _bytes(rng), "application/json"
        known = bodies(self._stage.world, path)
        body = known.get(str(one.name))
        if body is None:
            body = known["workflows" if one.name == "workflow" else "secrets"]
        body = json.loads(json.dumps(body))
        if rng.random() < 0.4:
            name, value = rng.choice(
                [("note", "A note."), ("revision", 1), ("version", 1), ("enabled", True)]
            )
            body[name] = value
        if "revision" in body and rng.random() < 0.7:
            body["revision"] = self._revision(path)
        if body and rng.random() < 0.35:
            body = hostile.mutated(rng, body)
        return json.dumps(body).encode(), "application/json"

    def _form(self, rng: random.Random, text: str, path: str) -> tuple[bytes, str]:
        kind = "application/x-www-form-urlencoded"
        if rng.random() < 0.05:
            return _bytes(rng), kind
        known = self.harvest.forms.get(text) or [{}]
        fields: Fields = dict(rng.choice(known))
        if not fields or rng.random() < 0.3:
            every = rng.choice(forms(self._stage.world))
            fields |= {name: [value] if isinstance(value, str) else value for name, value in every.items()}
        if "revision" in fields and rng.random() < 0.7:
            fields["revision"] = [str(self._revision(path))]
        for name in rng.sample(sorted(fields), k=min(len(fields), rng.choice((0, 0, 1, 2, 4)))):
            fields[name] = rng.choice(([], [self._value(rng)], [self._value(rng), self._value(rng)]))
        if rng.random() < 0.2:
            fields[rng.choice(QUESTIONS)] = [self._value(rng)]
        pairs = [(name, one) for name, values in fields.items() for one in values]
        return _encoded(pairs).encode(), kind

    def _revision(self, path: str) -> int:
        """That of what the address is about."""
        return next((self._revisions[one] for one in path.split("/") if one in self._revisions), 1)

    def _headers(self, rng: random.Random, path: str) -> dict[str, str]:
        chosen = {
            "If-Match": (*([f'"{self._revision(path)}"'] * 9), '"1"', '"2"', "*", "\xff", 'W/"1"', ""),
            "Accept": ("application/json", "text/html", "*/*", "a/b", ";;", "application/vnd.oai.openapi"),
            "Accept-Language": ("ja", "en", "xx", "*"),
            "HX-Request": ("true", "1"),
            "Authorization": ("Bearer x", "Token \xff", "Basic eDp5", "Bearer"),
            "X-Forwarded-For": ("unknown", "1.2.3.4, ::1", "'"),
            "X-Request-Id": ("a" * 300, "\x7f"),
            "Idempotency-Key": ("a", ""),
        }
        shares = {"If-Match": 0.5, "Authorization": 0.01}
        return {
            name: rng.choice(values)
            for name, values in chosen.items()
            if rng.random() < shares.get(name, 0.05)
        }


def text_of_page(response: Any) -> str:
    """The page as it was sent."""
    return response.content.decode(errors="replace")


def marks_in(response: Any) -> list[str]:
    """What of an event's values is seen in the answer."""
    text = text_of(response)
    return [mark for mark in MARKS if mark in text]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)[:2_000]


def _quoted(value: Any) -> str:
    return quote(_text(value)[:300], safe="", errors="surrogatepass")


def _encoded(pairs: list[tuple[str, str]]) -> str:
    return urlencode(pairs, errors="surrogatepass")


def _instead(rng: random.Random, expression: str) -> str:
    if "|" in expression:
        return rng.choice(expression.split("|"))
    return _quoted(rng.choice(hostile.STRANGE))


def _bytes(rng: random.Random) -> bytes:
    return rng.choice(
        (b"", b"{", b"[]", b"null", b'{"a":' * 500, b"\xff\x00", b"1e999", b'"\\ud800"', rng.randbytes(64))
    )
