"""The guide's examples, taken from docs/api.md, read as a shell would, and sent."""

import json
import re
import shlex
from pathlib import Path
from string import Template

import pytest
from django.conf import settings

from tests.workflows.events import accept, payment
from workflows.engine.execution import execute
from workflows.models import Run, Workflow

GUIDE = (Path(settings.BASE_DIR) / "docs" / "api.md").read_text()
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
DEFINITION = next(text for kind, text in BLOCKS if kind == "json")


class Example:
    """One curl command and what the guide says of its answer."""

    def __init__(self, command):
        self.command, self.status, self.headers, self.body = command, None, {}, None

    def expect(self, kind, text):
        if kind == "http":
            first, *headers = text.strip().splitlines()
            self.status = int(first.split()[1])
            self.headers = dict(line.split(": ", 1) for line in headers)
        else:
            self.body = json.loads(text)


def examples():
    found = []
    for kind, text in BLOCKS:
        if kind == "sh":
            found += [Example(text)] if text.startswith("curl ") else []
        elif found:
            found[-1].expect(kind, text)
    return found


def sent(api, command, variables):
    """The response to a curl command, with the few options that the guide uses."""
    words = shlex.split(Template(command.replace("\\\n", " ")).substitute(variables))
    url, method, headers, data = None, None, {}, b""
    words = iter(words[1:])
    for word in words:
        if word == "-X":
            method = next(words)
        elif word == "-H":
            name, value = next(words).split(": ", 1)
            headers[name] = value
        elif word == "--data":
            data = next(words)
            data = DEFINITION if data == "@definition.json" else data
        elif word != "-i":
            assert url is None, word
            url = word
    return api.client.generic(
        method or ("POST" if data else "GET"),
        url,
        data,
        content_type=headers.pop("Content-Type", ""),
        headers=headers,
    )


def contains(actual, expected):
    """Whether `actual` has at least what `expected` has."""
    if isinstance(expected, dict):
        return all(key in actual and contains(actual[key], value) for key, value in expected.items())
    if isinstance(expected, list) and expected:
        return len(actual) >= len(expected) and all(map(contains, actual, expected))
    return actual == expected


def test_the_examples_of_the_guide_do_what_it_says(api, rings, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    variables = {
        "STRIPEFLOW_URL": "http://testserver",
        "STRIPEFLOW_TOKEN": api.headers["Authorization"].removeprefix("Bearer "),
    }
    for example in examples():
        if "$RUN" in example.command or "runs/" in example.command:
            variables |= run_once(variables)
        response = sent(api, example.command, variables)
        assert response.status_code == (example.status or 200), (example.command, response.content)
        for name, value in example.headers.items():
            assert response[name] == value
        expected = example.body or {}
        # Ids are given by the database, and other tests have used some.
        expected.pop("id", None)
        assert contains(response.json(), expected), (example.command, response.json())
        if first := Workflow.objects.order_by("pk").first():
            variables["WORKFLOW"] = first.pk


def run_once(variables):
    """What happens between activating and looking at the history: an event, and its run."""
    if "RUN" in variables:
        return {}
    event = accept(payment(200_000))
    run = Run.objects.get(event=event)
    execute(run.pk)
    return {"RUN": run.pk, "EVENT": event.external_id}


def test_the_guide_has_examples():
    assert len(examples()) >= 10


@pytest.mark.parametrize("command", ["create", "list", "revoke"])
def test_the_guide_names_the_commands_of_tokens(command):
    assert f"stripeflow_token {command}" in GUIDE
