"""As whom each step of a run acted, told on its card, with links into that account's dashboard."""

import html
import re

import pytest
from django.urls import reverse

from stripeflow.actions import registry
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.models import Run
from stripeflow.workflows.operations import lifecycle
from tests.workflows.documents import action, document
from tests.workflows.events import accept, payment
from tests.workflows.recording import recording_action

pytestmark = pytest.mark.django_db


@pytest.fixture
def calling(recorder):
    """The action `test.calls`, which calls Stripe."""
    kind = recording_action(recorder, key="test.calls")
    kind.uses_account = True
    with registry.temporarily(kind):
        yield


def page(client, step, **envelope):
    lifecycle.activate(lifecycle.create(document(step)))
    run = Run.objects.get(event=accept(payment(), livemode=True, **envelope))
    execute(run.pk)
    found = client.get(reverse("admin:stripeflow_workflows_run_change", args=[run.pk])).content.decode()
    return found[found.index('id="step-one"') :]


def words(text):
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


@pytest.mark.parametrize(
    ("step", "envelope", "told"),
    [
        ({}, {"account": "acct_1"}, "as acct_1"),
        ({"acts_as": "platform"}, {"account": "acct_1"}, "as the platform"),
        ({"acts_as": "platform"}, {}, "as the platform"),
        ({}, {}, ""),
    ],
)
def test_a_card_says_as_whom_its_step_acted(browser, queue, calling, step, envelope, told):
    text = words(page(browser, {**action("one", "test.calls", text="ch_1"), **step}, **envelope))
    assert re.findall(r"as acct_1|as the platform", text) == ([told] if told else [])


def test_a_step_that_calls_nobody_has_no_account(browser, queue, recorder):
    text = words(page(browser, action("one", text="a"), account="acct_1"))
    assert "as acct_1" not in text
