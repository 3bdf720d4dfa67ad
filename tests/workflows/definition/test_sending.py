import pytest

from stripeflow.actions import registry
from stripeflow.workflows.definition.sending import sends_values
from tests.workflows.documents import action, branch, document, failing, group, way

VALUE = "{{ trigger.receipt_email }}"
MAIL = action("mail", "email.team_member", to=["a"], subject="s", body=VALUE)


def sends(*steps):
    return sends_values(document(*steps))


@pytest.mark.parametrize(
    "step",
    [
        MAIL,
        branch("fork", way("one", group(), MAIL)),
        failing(action("look", "stripe.charges.retrieve", charge="ch_1"), MAIL),
        action("tag", "stripe.customers.update", customer="cus_1", metadata=[{"key": "k", "value": VALUE}]),
        action("back", "stripe.refunds.create", charge="ch_1", metadata=[{"key": "k", "value": VALUE}]),
        action("gone", "shop.not_installed", text="a"),
    ],
)
def test_a_value_in_what_others_read_is_sent(step):
    assert sends(step)


@pytest.mark.parametrize(
    "step",
    [
        action("mail", "email.team_member", to=["a"], subject="s", body="Come and see."),
        action("look", "stripe.charges.retrieve", charge="{{ trigger.charge }}"),
        action("back", "stripe.refunds.create", charge="{{ trigger.id }}", amount="{{ trigger.amount }}"),
    ],
)
def test_a_fixed_text_is_not_and_neither_is_what_only_stripe_is_asked(step):
    assert not sends(step)


def test_an_action_that_does_not_say_what_it_sends_sends_all(recorder):
    assert registry.find("test.record").sent_inputs is None
    assert sends(action("one", text=VALUE))
    assert not sends(action("one", text="fixed"))
