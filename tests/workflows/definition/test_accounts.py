"""A step may act as the platform; an id of the other account is warned of, where the definition tells."""

import pytest

from stripeflow.workflows.definition.validation import validate
from tests.workflows.documents import EVERYTHING, action, document

pytestmark = pytest.mark.django_db
OWN = {"mode": "live", "accounts": "own"}
CONNECTED = {"mode": "live", "accounts": "connected"}
PLATFORM = "platform"


def retrieve(key, charge, acts_as=None):
    step = action(key, "stripe.charges.retrieve", charge=charge)
    return {**step, "acts_as": acts_as} if acts_as else step


def codes(*steps, scope=CONNECTED):
    found = validate(document(*steps, event_type="charge.refunded", scope=scope)).problems
    assert not found.errors
    return [(problem.step, problem.field, problem.code) for problem in found.warnings]


@pytest.mark.parametrize("scope", [CONNECTED, EVERYTHING, {"mode": "live", "accounts": ["acct_1"]}], ids=str)
def test_a_step_of_the_platform_that_takes_an_id_of_the_event_is_warned_of(scope):
    warned = [("one", "charge", "other_account")]
    assert codes(retrieve("one", "{{ trigger.id }}", PLATFORM), scope=scope) == warned
    assert codes(retrieve("one", "{{ trigger.id }}"), scope=scope) == []


def test_with_events_of_the_own_account_alone_both_are_the_same():
    assert codes(retrieve("one", "{{ trigger.id }}", PLATFORM), scope=OWN) == []


def test_an_id_of_another_step_is_of_the_account_that_it_acted_in():
    first = retrieve("one", "ch_1", PLATFORM)
    assert codes(first, retrieve("two", "{{ steps.one.id }}")) == [("two", "charge", "other_account")]
    assert codes(first, retrieve("two", "{{ steps.one.id }}", PLATFORM)) == []


def test_an_action_that_calls_nobody_has_no_account():
    email = {**action("one", "email.team_member", to=["ann"], subject="a", body="b"), "acts_as": PLATFORM}
    found = validate(document(email, scope=CONNECTED)).problems.warnings
    assert [(problem.field, problem.code) for problem in found] == [("acts_as", "acts_as_unused")]
