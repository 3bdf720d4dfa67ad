import pytest

from stripeflow_site.demo.cases import Sent
from stripeflow_site.demo.table import HEADINGS, Effects, draw, rows
from stripeflow_site.local.mails import Mail

RUN = "5e0c"
LEDGER = [
    {
        "effect": "refund.created",
        "idempotency_key": f"stripeflow:{RUN}:refund:1",
        "data": {"amount": 1499, "currency": "usd"},
    },
    {"effect": "customer.created", "idempotency_key": None, "data": {}},
]
MAILS = [Mail(("packer@example.com",), "Thanks", "", RUN, "email", "<1@localhost>")]
STEPS = [
    {"name": "Retrieve", "branch": "", "status": "succeeded"},
    {"name": "", "branch": "small", "status": "succeeded"},
    {"name": "Refund", "branch": "", "status": "failed"},
]
UNMET = {
    "truth": "not_met",
    "reason": "A condition is not met.",
    "children": [{"truth": "met", "reason": "Yes."}, {"truth": "not_met", "reason": "Amount was 5."}],
}


class Answers:
    """An API that answers with what a test gives it."""

    def __init__(self, *verdicts, error=None):
        self.answers = {
            "events/evt_1/why/": {"verdicts": list(verdicts)},
            f"runs/{RUN}/": {"id": RUN, "status": "failed", "steps": STEPS, "error": error},
        }

    def get(self, path):
        return self.answers[path]


def verdict(*, run=None, explanation=None):
    found = {"run": run, "explanation": explanation, "message": "It was not active."}
    return {"workflow": {"name": "Fraud"}, **found}


@pytest.fixture
def row_of():
    def row_of(**answers):
        api = Answers(verdict(**answers), error={"message": "No such charge."})
        [row] = rows(api, [Sent("evt_1", "A warning")], Effects(MAILS, LEDGER))
        return row

    return row_of


def test_run_is_reported_with_branch_steps_and_effects(row_of):
    row = row_of(run=RUN)
    assert (row.event, row.workflow) == ("A warning", "Fraud")
    assert row.branch == "If these conditions are met"
    assert row.steps == "✓ Retrieve\n✗ Refund"
    assert row.outcome == "failed: No such charge."
    assert row.effect == "e-mail to packer\nrefund of 14.99 USD"


def test_missing_run_is_reported_with_the_first_test_that_failed(row_of):
    assert row_of(explanation=UNMET).outcome == "no run: Amount was 5."


def test_missing_run_without_conditions_is_reported_by_the_message(row_of):
    assert row_of().outcome == "no run: It was not active."


def test_drawn_table_has_every_heading_and_cells_of_one_width(row_of):
    lines = draw([row_of(run=RUN), row_of(explanation=UNMET)]).splitlines()
    assert all(heading in lines[0] for heading in HEADINGS)
    assert len({len(line) for line in lines}) == 1


def test_event_is_named_once(row_of):
    assert draw([row_of(run=RUN), row_of(explanation=UNMET)]).count("A warning") == 1
