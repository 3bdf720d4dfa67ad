from contextlib import ExitStack

import pytest
from django.core.checks import Tags, run_checks
from django.utils.translation import override

from stripeflow.actions import registry as actions
from stripeflow.triggers.types import registry as trigger_types
from stripeflow.workflows.checks import installed
from stripeflow.workflows.conditions.operators import registry as operators
from stripeflow.workflows.definition import kinds
from stripeflow.workflows.operations import lifecycle
from stripeflow.workflows.references import filters, parse
from tests.workflows.blocks.fake import Pause
from tests.workflows.documents import EVERYTHING, action, branch, compare, document, group, usd, way
from tests.workflows.fake_trigger import ParcelArrives
from tests.workflows.made_up_filter import MASKED
from tests.workflows.made_up_operator import DIVISIBLE
from tests.workflows.recording import Recorder, recording_action

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("recorder")]

INVOICE = "invoice.paid"
DIVIDED = group(group(compare("trigger.attempt_count", "acme_divisible_by", 7)))
LARGE = group(compare("trigger.amount", "greater_than", usd(5)))
OTHER_ACTION = recording_action(Recorder(), key="acme.greet")
# Of each registry: what enters it, a workflow that uses that, and how the check names it.
USES = {
    "operator of the trigger": (
        lambda: operators.temporarily(DIVISIBLE),
        lambda: document(action("one", text="a"), conditions=DIVIDED, event_type=INVOICE),
        "the operator “acme_divisible_by”",
    ),
    "operator of a branch": (
        lambda: operators.temporarily(DIVISIBLE),
        lambda: document(
            branch("choose", way("large", DIVIDED, action("one", text="a"))), event_type=INVOICE
        ),
        "the operator “acme_divisible_by”",
    ),
    "filter": (
        lambda: filters.temporarily(MASKED),
        lambda: document(action("one", text="{{ trigger.customer | acme_masked }}")),
        "the filter “acme_masked”",
    ),
    "action": (
        lambda: actions.temporarily(OTHER_ACTION),
        lambda: document(branch("choose", way("large", LARGE, action("one", "acme.greet", text="a")))),
        "the action “acme.greet”",
    ),
    "kind of step": (
        lambda: kinds.temporarily(Pause),
        lambda: document({"key": "wait", "type": "pause", "name": ""}, action("one", text="a")),
        "the kind of step “pause”",
    ),
    "type of trigger": (
        lambda: trigger_types.temporarily(ParcelArrives),
        lambda: (
            document(action("one", text="a"))
            | {"trigger": {"type": "parcel", "depot": "Berlin", "scope": EVERYTHING}}
        ),
        "the type of trigger “parcel”",
    ),
}


def warnings():
    found = run_checks(tags=[Tags.database], databases=["default"])
    return [one for one in found if one.id == "stripeflow.W014"]


@pytest.fixture(params=USES)
def used(request):
    """An active workflow that uses what was installed until then, and how that is named."""
    register, definition, named = USES[request.param]
    with ExitStack() as stack:
        stack.enter_context(register())
        workflow = lifecycle.create(definition())
        lifecycle.activate(workflow)
        assert warnings() == []
        stack.pop_all().close()
    # A process that starts without the filter has read no text yet.
    parse.cache_clear()
    return workflow, named


def test_what_an_active_workflow_uses_and_is_gone_is_named(used):
    workflow, named = used
    (warning,) = warnings()
    assert warning.msg == f"The active workflow “{workflow.name}” uses what is not installed here: {named}."


def test_a_workflow_that_is_not_active_is_no_matter(used):
    workflow, _named = used
    lifecycle.deactivate(workflow)
    assert warnings() == []


def test_each_workflow_has_its_warning_in_the_language_of_the_reader():
    with operators.temporarily(DIVISIBLE), actions.temporarily(OTHER_ACTION):
        for name in ("B", "A"):
            one = action("one", "acme.greet", text="a")
            lifecycle.activate(
                lifecycle.create(document(one, conditions=DIVIDED, name=name, event_type=INVOICE))
            )
    with override("ja"):
        first, second = [one.msg for one in warnings()]
    assert "「A」" in first
    assert "「B」" in second
    assert "「acme_divisible_by」" in first
    assert "「acme.greet」" in first


def test_the_database_is_read_only_when_it_is_asked_for(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert installed.check_installed(None) == []
