"""What the preview of a message is made of: something for every event, object and action."""

from stripeflow.actions import registry
from stripeflow.actions.base import Outputs
from stripeflow.triggers import catalogue
from stripeflow.workflows.admin.editor.preview import sample_scope
from stripeflow.workflows.definition.typing import Known
from tests.workflows.documents import action, starts_on
from tests.workflows.recording import recording_action


def test_every_event_has_sample_data(recorder):
    for event_type in (*(one.key for one in catalogue.event_types()), "no.such_type", ""):
        scope = sample_scope(Known(starts_on(event_type), (action("one"),), (action("two"),)))
        assert scope["event"]["type"] == event_type
        assert scope["trigger"] == scope["event"]["data"]["object"]
        assert scope["steps"].keys() == {"one", "two"}


def test_a_step_that_gives_an_object_outside_the_catalogue_breaks_nothing(recorder):
    other = recording_action(recorder, key="test.other")
    other.outputs = Outputs(object="no_such_object")
    with registry.temporarily(other):
        scope = sample_scope(
            Known(starts_on("charge.refunded"), (action("one", "test.other"), action("two", "not.there")))
        )
    assert scope["steps"] == {"one": {}, "two": {}}
