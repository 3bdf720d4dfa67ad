"""What people read of a run names steps by their titles, and never by their keys."""

import re
from html import unescape

import pytest
from django.urls import reverse

from stripeflow.actions.errors import PermanentError
from tests.workflows.documents import action, branch, compare, group, way

MARKER = "zqx"


def named(step, name):
    return {**step, "name": name}


def page_of(browser, run):
    """The texts of a run's page, but for the idempotency keys, which are Stripe's to know."""
    page = browser.get(reverse("admin:stripeflow_workflows_run_change", args=[run.pk])).content.decode()
    page = re.sub(r"<(script|style|template)\b.*?</\1>", " ", page, flags=re.S)
    return unescape(re.sub(r"stripeflow:\S+", "", " ".join(re.sub(r"<[^>]+>", " ", page).split())))


@pytest.fixture
def steps():
    """A step, a branch that looks at what it gave, and steps in each of its ways."""
    asked = group(compare("steps.zqx_first.text", "equal", "b"))
    inside = way("large", asked, named(action("zqx_inside", text="x"), "Inside"))
    last = named(action("zqx_last", text="{{ steps.zqx_first.text }}"), "Last")
    return named(action("zqx_first", text="a"), "First"), named(
        branch("zqx_branch", inside, otherwise=(last,)), "Which one?"
    )


def test_a_run_that_went_well(browser, make_run, steps):
    page = page_of(browser, make_run(*steps))
    assert "First › Text was “a”, which is not equal to “b”." in page
    assert MARKER not in page.casefold()


def test_a_step_that_failed_and_its_alert(browser, make_run, recorder, steps, settings, mailoutbox):
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "ALERT_RECIPIENTS": ["ops@example.com"]}
    recorder.then(PermanentError("Refused.", code="refused"))
    page = page_of(browser, make_run(*({**step, "name": ""} for step in steps)))
    assert "Refused." in page
    assert MARKER not in page.casefold()
    (mail,) = mailoutbox
    assert "Step: Record" in mail.body
    assert MARKER not in mail.body
