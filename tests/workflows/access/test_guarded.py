"""The kinds of effects that need a permission of their own, and the chain of workflows that they close."""

import pytest

from stripeflow.workflows import permissions
from stripeflow.workflows.access import setting_off
from stripeflow.workflows.access.guarded import GUARDED, Through
from stripeflow.workflows.access.setting_off import RULES, Operation
from stripeflow.workflows.models import Run
from stripeflow.workflows.operations import lifecycle
from stripeflow.workflows.workflow_templates import template
from tests.workflows.documents import action, compare, document, group
from tests.workflows.events import accept
from tests.workflows.people import user_with_role

pytestmark = pytest.mark.django_db

REFUND = document(action("refund", "stripe.refunds.create", charge="ch_1"))
TAG = document(action("tag", "stripe.customers.update", customer="cus_1"))


def test_each_kind_has_a_permission_of_its_own_and_a_sentence_for_each_operation():
    assert len({kind.permission for kind in GUARDED}) == len(GUARDED)
    for kind in GUARDED:
        assert set(kind.messages) == set(Through)
    assert {rule.through for rule in RULES.values()} <= set(Through)


@pytest.mark.parametrize(("made", "role"), [(REFUND, "money"), (TAG, "customers")])
def test_one_kind_s_permission_is_not_the_other_s(made, role):
    may = {
        key: setting_off.may(user_with_role("publisher", key), Operation.ACTIVATE, [made])
        for key in ("viewer", "money", "customers")
    }
    assert may == {"viewer": False, "money": False, "customers": False, role: True}


def test_the_gravest_is_said_first():
    both = document(*REFUND["steps"], *TAG["steps"])
    publisher = user_with_role("publisher")
    assert "moves money" in setting_off.refusal(publisher, Operation.ACTIVATE, [both])
    trusted = user_with_role("publisher", "money")
    assert "changes customers" in setting_off.refusal(trusted, Operation.ACTIVATE, [both])


def test_what_changes_customers_asks_for_no_proof(settings):
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "MONEY_CHECK": "builtins.repr"}
    user = user_with_role("publisher", "customers", "money")
    assert setting_off.refusal(user, Operation.ACTIVATE, [TAG]) == ""
    assert setting_off.refusal(user, Operation.ACTIVATE, [REFUND]) != ""


def test_the_template_that_tags_customers_is_published_by_who_may_change_them():
    made = template("tag_customers").document({"recipients": ["editor"]})
    assert not setting_off.may(user_with_role("publisher"), Operation.ACTIVATE, [made])
    assert setting_off.may(user_with_role("publisher", "customers"), Operation.ACTIVATE, [made])


def test_what_a_workflow_wrote_reaches_one_that_moves_money_by_an_event_that_nobody_caused(queue):
    """So `caused_events` alone closes no chain: to write it needs the permission."""
    refunds = document(*REFUND["steps"], event_type="customer.updated")
    refunds["trigger"]["conditions"] = group(compare("trigger.metadata.Tier", "equal", "VIP"))
    lifecycle.activate(lifecycle.create(refunds))
    tagged = {"id": "cus_1", "object": "customer", "phone": "+1", "metadata": {"Tier": "VIP"}}
    assert Run.objects.filter(event=accept(tagged, type="customer.updated")).exists()
    writer = user_with_role("author", "publisher", "operator")
    assert not writer.has_perm(permissions.MOVE_MONEY)
    allowed = [one for one in Operation if RULES[one].sets_off and setting_off.may(writer, one, [TAG])]
    assert allowed == []
