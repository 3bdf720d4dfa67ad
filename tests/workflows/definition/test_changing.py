"""Whether a definition changes customers, wherever a step stands."""

import pytest

from stripeflow.workflows.definition.changing import changes_customers
from tests.workflows.documents import action, branch, document

UPDATE = action("tag", "stripe.customers.update")


@pytest.mark.parametrize(
    ("steps", "changes"),
    [
        ([UPDATE], True),
        ([branch("choose", otherwise=(UPDATE,))], True),
        ([{**action("look", "stripe.charges.retrieve"), "error_branch": {"steps": [UPDATE]}}], True),
        ([action("gone", "acme.gone")], True),
        ([action("look", "stripe.charges.retrieve")], False),
        ([action("mail", "email.team_member"), action("refund", "stripe.refunds.create")], False),
        ([branch("choose", otherwise=())], False),
        ([], False),
    ],
)
def test_a_step_at_any_depth_counts_and_one_that_is_not_installed(steps, changes):
    assert changes_customers(document(*steps)) is changes
