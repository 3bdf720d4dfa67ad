"""Whose account a step acts in: the event's, or our own where the step says so."""

import pytest

from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.models import Run
from stripeflow.workflows.operations import lifecycle
from stripeflow.workflows.states import RunStatus
from tests.workflows.documents import action, document
from tests.workflows.events import accept, payment

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("queue")]


@pytest.mark.parametrize(
    ("acts_as", "account", "acted"),
    [
        (None, "acct_1", "acct_1"),
        ("event", "acct_1", "acct_1"),
        ("platform", "acct_1", ""),
        (None, "", ""),
        ("platform", "", ""),
    ],
)
def test_a_step_acts_as_the_account_that_it_says(recorder, acts_as, account, acted):
    step = {**action("one", text="a"), **({"acts_as": acts_as} if acts_as else {})}
    lifecycle.activate(lifecycle.create(document(step)))
    event = accept(payment(), livemode=True, **({"account": account} if account else {}))
    run = Run.objects.get(event=event)
    execute(run.pk)
    run.refresh_from_db()
    assert run.status == RunStatus.SUCCEEDED
    ((_inputs, context),) = recorder.calls
    assert (context.account, context.livemode) == (acted, True)
    # What is counted of the step is counted for the account that it acts in.
    assert context.reserve.spender.whose == (True, acted)
