"""What is sent to an address: its question, a body of JSON or of a form, and headers."""

import json
import random
from functools import cached_property

from django.urls import URLPattern

from tests.campaigns import hostile
from tests.campaigns.role_forms import Fields, Harvest
from tests.campaigns.role_subjects import revisions
from tests.campaigns.role_texts import broken, encoded, text
from tests.campaigns.role_world import Stage
from tests.workflows.doors.sending import bodies, forms

LONGEST_ADDRESS = 6_000
# Beside what pages and the API ask: look-ups over what a role may not see, and Django's own words.
QUESTIONS = (
    *("q", "o", "p", "e", "all", "_popup", "_to_field", "_changelist_filters", "format", "lang", "next"),
    *(
        "stored_payload__icontains",
        "stored_payload__data__object__receipt_email__startswith",
        "error__message__contains",
    ),
    *(
        "event__stored_payload__data__object__amount__gt",
        "step_runs__outputs__icontains",
        "owner__password__startswith",
    ),
    *("document__icontains", "versions__document__icontains", "id__in", "pk__isnull", "user_name"),
    *("app_label", "model_name", "field_name", "term", "days", "version", "event", "workflow", "position"),
)


class Contents:
    """What is sent, about the rows of these `ids`, and as the pages of `harvest` ask for it."""

    def __init__(self, stage: Stage, ids: list[str], harvest: Harvest) -> None:
        self._stage = stage
        self._ids = ids
        self._harvest = harvest
        self._revisions = revisions()

    def question(self, rng: random.Random) -> str:
        """What follows the “?” of an address."""
        pairs = []
        for _ in range(rng.choice((1, 1, 1, 2, 3, 6))):
            if rng.random() < 0.6 and self._questions:
                name, value = rng.choice(self._questions)
            else:
                name, value = rng.choice(QUESTIONS), "1"
            pairs.append((name, self._value(rng) if rng.random() < 0.5 else value))
        return encoded(pairs)[:LONGEST_ADDRESS]

    def json(self, rng: random.Random, one: URLPattern, path: str) -> tuple[bytes, str]:
        """A body for the API, and its type."""
        if rng.random() < 0.1:
            return broken(rng), "application/json"
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

    def form(self, rng: random.Random, pattern: str, path: str) -> tuple[bytes, str]:
        """A body for a page, and its type."""
        kind = "application/x-www-form-urlencoded"
        if rng.random() < 0.05:
            return broken(rng), kind
        known = self._harvest.forms.get(pattern) or [{}]
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
        return encoded(pairs).encode(), kind

    def headers(self, rng: random.Random, path: str) -> dict[str, str]:
        """Some of those that the site looks at."""
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

    @cached_property
    def _questions(self) -> list[tuple[str, str]]:
        return sorted(self._harvest.questions)

    def _value(self, rng: random.Random) -> str:
        return rng.choice(self._ids) if rng.random() < 0.5 else text(rng.choice(hostile.STRANGE))

    def _revision(self, path: str) -> int:
        """That of what the address is about."""
        return next((self._revisions[one] for one in path.split("/") if one in self._revisions), 1)
