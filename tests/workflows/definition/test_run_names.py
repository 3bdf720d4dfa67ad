"""What a run's own texts call a path."""

import pytest

from stripeflow.workflows.definition.condition_types import types_of
from stripeflow.workflows.definition.plan import build
from stripeflow.workflows.definition.run_names import condition_names, value_names
from tests.workflows.documents import action, branch, compare, document, failing, group, usd, way

pytestmark = pytest.mark.usefixtures("recorder")

LARGE = group(compare("trigger.amount", "greater_than", usd(5)))


@pytest.fixture
def plan():
    look = {**action("zqx_look", "stripe.charges.retrieve", charge="ch_1"), "name": "Look it up"}
    gone = {**action("zqx_gone", "shop.gone"), "name": ""}
    inside = branch("zqx_way", way("large", LARGE, gone))
    written = document(failing(look, action("zqx_undo", text="a")), inside)
    return build(written, types_of(written))


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("trigger.amount", None),
        ("steps.zqx_look.amount", "Look it up › Amount"),
        ("steps.zqx_look.billing_details.name", "Look it up › Billing details › Name"),
        ("steps.zqx_undo.text", "Record › Text"),
        ("steps.zqx_look", "Look it up"),
        ("steps.zqx_never.text", None),
        ("steps", None),
    ],
)
def test_conditions_name_steps_by_title(plan, path, name):
    assert condition_names(plan)(path) == name


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("trigger", "Payment intent"),
        ("trigger.metadata.order_id", "Payment intent › Metadata › order_id"),
        ("trigger.made_up.name", "Payment intent › Made up › Name"),
        ("event.id", "Event › Event ID"),
        ("steps.zqx_look.amount", "Look it up › Amount"),
        ("steps.zqx_look.made_up", "Look it up › Made up"),
        ("steps.zqx_look.error.message", "Error of “Look it up” › Message"),
        ("steps.zqx_gone.id", "Zqx gone › ID"),
        ("input.note", "Input › Note"),
    ],
)
def test_errors_name_values_as_pickers_do(plan, path, name):
    assert value_names(plan)(path) == name
