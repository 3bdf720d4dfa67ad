"""What a definition would have made of the stored events of some days."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from stripeflow.triggers.models import Event
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.models import Run
from stripeflow.workflows.operations import lifecycle
from stripeflow.workflows.rehearsal import backtest as backtesting
from stripeflow.workflows.rehearsal.backtest import Bounds, Span, backtest
from stripeflow.workflows.rehearsal.drafts import NotRehearsable, script_of
from stripeflow.workflows.rehearsal.results import End
from tests.workflows.documents import action, branch, compare, document, group, usd, way
from tests.workflows.events import accept, payment

pytestmark = pytest.mark.django_db

LARGE = group(compare("trigger.amount", "greater_than", usd(1000)))
REFUND = "stripe.refunds.create"


def charge(amount=1_000, refunded=0, currency="usd", **fields):
    return {
        "id": "ch_1",
        "object": "charge",
        "amount": amount,
        "amount_refunded": refunded,
        "currency": currency,
        **fields,
    }


def script(*steps, **options):
    return script_of(lifecycle.create(document(*steps, **options)))


def looked_back(*steps, days=30, bounds=None, **options):
    return backtest(script(*steps, **options), Span.of_days(days), bounds=bounds)


def test_counts_what_would_have_started(queue):
    matching = accept(payment(200_000))
    accept(payment(100))
    accept({"id": "pi_2", "object": "payment_intent"})
    accept(payment(), type="payment_intent.created")
    found = looked_back(conditions=LARGE)
    assert [match.event_id for match in found.matches] == [matching.external_id]
    assert (found.total, found.looked_at, found.not_met, found.unknown) == (3, 3, 1, 1)
    assert found.is_complete


def test_starts_nothing(queue, recorder):
    accept(payment())
    looked_back(action("one", text="a"))
    assert recorder.calls == queue.messages == []
    assert not Run.objects.exists()


def test_looks_at_the_days_that_were_asked_for(queue):
    now = time.time()
    accept(payment(), created=now - 3 * 86_400)
    accept(payment(), created=now - 86_400)
    assert len(looked_back(days=2).matches) == 1
    assert len(looked_back(days=4).matches) == 2


def test_the_span_ends_before_its_end(queue):
    accept(payment(), created=1_000)
    moment = datetime.fromtimestamp(1_000, UTC)
    day = timedelta(days=1)
    assert not backtest(script(), Span(moment - day, moment)).matches
    assert backtest(script(), Span(moment, moment + day)).matches


def test_takes_the_newest_events_and_says_how_many_it_left(queue):
    for number in range(5):
        accept(payment(id=f"pi_{number}"), created=time.time() - 100 + number)
    found = looked_back(bounds=Bounds(events=3))
    assert [match.object_id for match in found.matches] == ["pi_4", "pi_3", "pi_2"]
    assert (found.total, found.looked_at, found.is_complete) == (5, 3, False)


def test_batches_miss_and_repeat_nothing(queue, monkeypatch):
    monkeypatch.setattr(backtesting, "_BATCH", 2)
    now = time.time() - 100
    events = [accept(payment(), created=now + number // 3) for number in range(8)]
    found = looked_back()
    assert [match.pk for match in found.matches] == [event.pk for event in reversed(events)]


def test_ends_in_time_and_says_so(queue):
    for _number in range(4):
        accept(payment())
    ticks = iter(range(100))
    found = looked_back(bounds=Bounds(seconds=3, clock=lambda: next(ticks)))
    assert (found.ran_out_of_time, found.looked_at, found.total) == (True, 2, 4)


def test_emptied_events_are_counted_apart(queue):
    accept(payment())
    Event.objects.update(pruned_at=timezone.now(), stored_payload={}, raw_body="")
    found = looked_back()
    assert (found.total, found.emptied, found.looked_at) == (0, 1, 0)


def test_events_that_the_workflow_causes_itself_do_not_count(queue, recorder):
    workflow = lifecycle.create(document(action("one", text="a")))
    lifecycle.activate(workflow)
    accept(payment())
    run = Run.objects.get()
    execute(run.pk)
    key = run.steps.get().idempotency_key
    accept(payment(), request={"id": "req_1", "idempotency_key": key})
    found = backtest(script_of(workflow), Span.of_days(1))
    assert (len(found.matches), found.own_calls) == (1, 1)


def test_an_event_that_breaks_the_evaluation_hides_no_other(queue, monkeypatch):
    accept(payment(id="pi_bad"))
    accept(payment(id="pi_good"))
    judge = backtesting.rehearse

    def rehearse(plan, given, **options):
        if given.object["id"] == "pi_bad":
            raise ZeroDivisionError
        return judge(plan, given, **options)

    monkeypatch.setattr(backtesting, "rehearse", rehearse)
    found = looked_back()
    assert ([match.object_id for match in found.matches], found.broke) == (["pi_good"], 1)


def test_needs_as_many_queries_for_many_events_as_for_one(queue):
    one = script(branch("size", way("large", LARGE, action("get", "stripe.charges.retrieve", charge="ch_1"))))
    accept(payment())
    with CaptureQueriesContext(connection) as few:
        backtest(one, Span.of_days(1))
    for _number in range(20):
        accept(payment())
    with CaptureQueriesContext(connection) as many:
        backtest(one, Span.of_days(1))
    assert len(many) == len(few)


def test_a_draft_without_an_event_can_not_be_tried():
    with pytest.raises(NotRehearsable, match="Choose what starts the workflow first"):
        looked_back(event_type="")


# Money


def money(*steps, **options):
    found = looked_back(*steps, **options)
    return dict(found.moved), found.unknown_amounts


def test_adds_up_the_amounts_in_each_currency(queue):
    accept(payment(500, "usd"))
    accept(payment(700, "usd"))
    accept(payment(900, "jpy"))
    refund = action("refund", REFUND, charge="ch_1", amount="{{ trigger.amount }}")
    assert money(refund) == ({"usd": 1_200, "jpy": 900}, 0)


def test_a_fixed_amount_has_its_own_currency(queue):
    accept(payment(500, "eur"))
    assert money(action("refund", REFUND, charge="ch_1", amount=usd(3))) == ({"usd": 300}, 0)


def test_what_is_left_of_the_event_s_charge_is_reported(queue):
    accept(charge(1_000, refunded=300, currency="eur"), type="charge.updated")
    refund = action("refund", REFUND, charge="{{ trigger.id }}")
    assert money(refund, event_type="charge.updated") == ({"eur": 700}, 0)


def test_what_is_left_of_another_charge_is_not(queue):
    accept(charge(), type="charge.updated")
    refund = action("refund", REFUND, charge="ch_2")
    assert money(refund, event_type="charge.updated") == ({}, 1)


def test_an_amount_that_a_step_gives_is_not_reported(queue):
    accept(payment())
    get = action("get", "stripe.charges.retrieve", charge="ch_1")
    refund = action("refund", REFUND, charge="ch_1", amount="{{ steps.get.amount }}")
    assert money(get, refund) == ({}, 1)


def test_a_refund_above_its_own_limit_moves_nothing(queue):
    accept(payment(500))
    accept(payment(90))
    refund = action("refund", REFUND, charge="ch_1", amount="{{ trigger.amount }}", max_amount=usd(1))
    assert money(refund) == ({"usd": 90}, 0)


def test_a_refund_whose_limit_is_in_another_currency_moves_nothing(queue):
    accept(payment(50, "eur"))
    refund = action("refund", REFUND, charge="ch_1", amount="{{ trigger.amount }}", max_amount=usd(1))
    assert money(refund) == ({}, 0)


def test_a_refund_that_would_fail_moves_nothing(queue):
    accept(payment())
    refund = action("refund", REFUND, charge="{{ trigger.latest_charge }}", amount=usd(3))
    assert money(refund) == ({}, 0)


def test_only_branches_that_would_be_taken_count(queue):
    accept(payment(200_000))
    accept(payment(100))
    refund = action("refund", REFUND, charge="ch_1", amount="{{ trigger.amount }}")
    assert money(branch("size", way("large", LARGE, refund))) == ({"usd": 200_000}, 0)


def test_a_refund_behind_an_open_branch_is_not_reported(queue):
    accept(payment())
    dear = group(compare("steps.get.amount", "greater_than", usd(1)))
    found = looked_back(
        action("get", "stripe.charges.retrieve", charge="ch_1"),
        branch("size", way("dear", dear, action("refund", REFUND, charge="ch_1", amount=usd(3)))),
    )
    assert (found.moved, found.unknown_amounts, found.matches[0].end) == ({}, 1, End.OPEN)


def test_a_refund_that_a_person_would_have_to_allow_is_not_summed(queue):
    accept(payment(500_000, "eur"))
    accept(payment(100, "usd"))
    refund = action("refund", REFUND, charge="ch_1", amount="{{ trigger.amount }}")
    found = looked_back(branch("size", way("large", LARGE), otherwise=(refund,)), name="Small ones")
    assert (dict(found.moved), found.undecided, found.unknown_amounts) == ({"usd": 100}, 1, 1)
    assert sorted(match.end for match in found.matches) == [End.DONE, End.UNDECIDED]


def test_a_refund_behind_a_branch_that_a_person_has_to_choose_is_not_summed_either(queue):
    accept(payment(500_000, "eur"))
    refund = action("refund", REFUND, charge="ch_1", amount="{{ trigger.amount }}")
    asked = {**branch("size", way("large", LARGE)), "if_undecided": "stop"}
    assert money(asked, refund) == ({}, 1)


def test_a_refund_before_it_is_summed(queue):
    accept(payment(500_000, "eur"))
    refund = action("refund", REFUND, charge="ch_1", amount="{{ trigger.amount }}")
    asked = {**branch("size", way("large", LARGE)), "if_undecided": "stop"}
    assert money(refund, asked) == ({"eur": 500_000}, 0)
