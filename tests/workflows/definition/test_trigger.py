import pytest

from stripeflow.triggers.types import registry
from stripeflow.triggers.widths import TOPIC_WIDTH
from stripeflow.workflows.definition.trigger import TriggerPlan
from stripeflow.workflows.definition.validation import validate
from stripeflow.workflows.models import Trigger
from tests.workflows.documents import action, document, starts_on
from tests.workflows.fake_trigger import ParcelArrives

PARCEL = {"type": "parcel", "depot": "Berlin"}


def test_reads_its_settings_out_of_a_document():
    plan = TriggerPlan.of({**PARCEL, "scope": {}, "caused_events": "start", "conditions": {}})
    assert (plan.type, plan.settings) == ("parcel", {"depot": "Berlin"})


@pytest.mark.parametrize(
    ("event_types", "label"),
    [
        ("", ""),
        ("charge.refunded", "Charge refunded"),
        (["charge.refunded", "refund.created"], "Charge refunded or Refund created"),
    ],
)
def test_says_what_starts_it(event_types, label):
    assert starts_on(event_types).label == label


def test_a_type_that_is_not_installed_is_said_and_starts_nothing():
    plan = TriggerPlan.of(PARCEL)
    assert (plan.topics, plan.known, plan.source) == ((), None, "")
    assert plan.label == "“parcel”, which is not installed here"
    (problem,) = validate(document(action("one", "email.team_member")) | {"trigger": PARCEL}).problems.errors[
        :1
    ]
    assert problem.code == "unknown_trigger_type"
    assert str(Trigger(type="parcel", settings={"depot": "Berlin"})) == "parcel"


@pytest.mark.parametrize(("length", "codes"), [(TOPIC_WIDTH, []), (TOPIC_WIDTH + 1, ["topic_too_long"])])
def test_a_topic_that_fits_no_column_is_a_problem(length, codes):
    depot = "B" * (length - len("arrived."))
    with registry.temporarily(ParcelArrives):
        checked = validate(
            document(action("one", "email.team_member")) | {"trigger": PARCEL | {"depot": depot}}
        )
    found = [one for one in checked.problems.errors if one.path.startswith("/trigger")]
    assert [one.code for one in found] == codes
    assert all(f"{length} characters, “arrived.BBB" in one.message for one in found)


def test_a_type_that_was_installed_is_known_again():
    with registry.temporarily(ParcelArrives):
        assert TriggerPlan.of(PARCEL).topics == ("arrived.Berlin",)
