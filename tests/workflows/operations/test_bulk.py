"""Starting a workflow many times: previewed, once for each line, with the sum typed where money moves."""

from dataclasses import replace

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from stripeflow.triggers.models import Event
from stripeflow.workflows.audit import kinds
from stripeflow.workflows.audit.acts import NOBODY, Act, NotPossible
from stripeflow.workflows.drafts import editing
from stripeflow.workflows.models import AuditEntry, Run
from stripeflow.workflows.operations import bulk, lifecycle
from stripeflow.workflows.operations.asking import Asked, KeyTaken, OtherVersion
from stripeflow.workflows.operations.bulk import HasProblems, NotConfirmed, preview, start
from stripeflow.workflows.operations.table import Row
from tests.workflows.documents import action, compare, group
from tests.workflows.on_demand import AMOUNT, CHARGE, REASON, on_demand
from tests.workflows.people import user_with_role
from tests.workflows.schedules.documents import hourly

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("recorder", "queue")]

BULK = Asked({}, "october")


def active(*inputs, **options):
    workflow = lifecycle.create(on_demand(*inputs, **options))
    lifecycle.activate(workflow)
    return workflow


def read(workflow):
    return type(workflow).objects.select_related("active_version").get(pk=workflow.pk)


def rows(*values):
    return [Row(number, one) for number, one in enumerate(values, 1)]


TWO = rows({"charge": "ch_1"}, {"charge": "ch_2", "reason": "late"})


def usd(cents, currency="usd"):
    return {"amount": cents, "currency": currency}


def test_each_line_starts_a_run_with_a_key_of_its_own_once():
    workflow = active(CHARGE, REASON)
    assert len(preview(workflow, TWO, BULK).new) == 2
    assert not Event.objects.exists()
    done = start(workflow, TWO, BULK, NOBODY)
    assert [(one.number, one.is_new) for one in done] == [(1, True), (2, True)]
    assert sorted(Run.objects.values_list("object_id", flat=True)) == ["ch_1", "ch_2"]
    assert set(Event.objects.values_list("external_id", flat=True)) == {
        f"{workflow.pk}:october#1",
        f"{workflow.pk}:october#2",
    }
    again = start(workflow, TWO, BULK, NOBODY)
    assert [(one.run, one.is_new) for one in again] == [(one.run, False) for one in done]
    assert [one.state for one in preview(workflow, TWO, BULK).lines] == ["started", "started"]
    assert AuditEntry.objects.filter(kind=kinds.RUN_STARTED.key).count() == Run.objects.count() == 2


def test_one_that_broke_off_goes_on_where_it_was(monkeypatch):
    workflow, real, calls = active(CHARGE, REASON), bulk.invoke_together, []

    def dies(*given):
        calls.append(given)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(*given)

    monkeypatch.setattr(bulk, "TOGETHER", 1)
    with monkeypatch.context() as patched:
        patched.setattr(bulk, "invoke_together", dies)
        with pytest.raises(KeyboardInterrupt):
            start(workflow, TWO, BULK, NOBODY)
    assert Run.objects.count() == 1
    assert [one.is_new for one in start(workflow, TWO, BULK, NOBODY)] == [False, True]


def test_an_edited_line_that_has_started_is_not_started_again():
    workflow = active(CHARGE, REASON)
    start(workflow, TWO, BULK, NOBODY)
    edited = rows({"charge": "ch_9"}, TWO[1].values, {"charge": "ch_3"})
    with pytest.raises(KeyTaken):
        start(workflow, edited, BULK, NOBODY)
    more = [*TWO, Row(3, {"charge": "ch_3"})]
    assert [one.is_new for one in start(workflow, more, BULK, NOBODY)] == [False, False, True]
    assert Run.objects.count() == 3


def test_problems_are_told_by_line_and_nothing_starts():
    workflow = active(CHARGE, REASON)
    wrong = rows(
        {"charge": "cus_1"}, {"charge": "ch_1"}, {}, {"charge": "ch_1"}, {"colour": 1, "charge": "ch_2"}
    )
    found = preview(workflow, wrong, BULK)
    assert [(one.row.number, [p.path for p in one.row.problems]) for one in found.wrong] == [
        (1, ["charge"]),
        (3, ["charge"]),
        (4, [""]),
        (5, ["colour"]),
    ]
    assert "The line says the same as line 2." in found.wrong[2].row.problems[0].message
    with pytest.raises(HasProblems, match="beginning with line 1"):
        start(workflow, wrong, BULK, NOBODY)
    assert not Event.objects.exists()


def test_where_money_moves_the_sum_of_each_currency_is_typed(money):
    workflow = active(CHARGE, AMOUNT, steps=(money,))
    lines = rows(
        {"charge": "ch_1", "amount": usd(4850)},
        {"charge": "ch_2", "amount": usd(100)},
        {"charge": "ch_3", "amount": usd(500, "jpy")},
    )
    found = preview(workflow, lines, BULK)
    assert [(one.label, one.currency, one.amount) for one in found.sums] == [
        ("Amount", "jpy", 500),
        ("Amount", "usd", 4950),
    ]
    assert found.confirmation == "500 JPY, 49.50 USD"
    for typed in ("", "49.50 USD", "500 JPY, 49.5 USD", "3"):
        with pytest.raises(NotConfirmed, match="type “500 JPY, 49.50 USD”"):
            start(workflow, lines, BULK, NOBODY, typed=typed)
    assert not Event.objects.exists()
    assert len(start(workflow, lines, BULK, NOBODY, typed="500 jpy,49.50 usd")) == 3
    # Nothing is left to confirm.
    assert [one.is_new for one in start(workflow, lines, BULK, NOBODY)] == [False] * 3


def test_what_the_same_key_has_started_in_test_mode_confirms_nothing_in_live_mode(money):
    workflow = active(CHARGE, AMOUNT, steps=(money,), scope={"mode": "both", "accounts": "own"})
    lines = rows({"charge": "ch_1", "amount": usd(100)})
    in_test, live = replace(BULK, livemode=False), replace(BULK, livemode=True)
    start(workflow, lines, in_test, NOBODY, typed="1.00 USD")
    assert [one.state for one in preview(workflow, lines, in_test).lines] == ["started"]
    found = preview(workflow, lines, live)
    assert (found.confirmation, [one.state for one in found.lines]) == ("1.00 USD", ["new"])
    with pytest.raises(NotConfirmed):
        start(workflow, lines, live, NOBODY)
    assert not Run.objects.filter(livemode=True).exists()
    assert [one.is_new for one in start(workflow, lines, live, NOBODY, typed="1.00 USD")] == [True]


def test_without_an_amount_the_number_of_runs_is_typed(money):
    workflow = active(CHARGE, steps=(money,))
    lines = rows({"charge": "ch_1"}, {"charge": "ch_2"})
    assert preview(workflow, lines, BULK).confirmation == "2"
    start(workflow, lines, BULK, NOBODY, typed="2")
    assert Run.objects.count() == 2


def test_another_version_starts_nothing():
    workflow = active(CHARGE, REASON)
    seen = replace(BULK, version=1)
    editing.update(workflow, on_demand(CHARGE, REASON), revision=workflow.revision)
    lifecycle.activate(workflow)
    with pytest.raises(OtherVersion):
        start(read(workflow), TWO, seen, NOBODY)
    assert not Event.objects.exists()


@pytest.mark.parametrize("conditions", [None, group(compare("trigger.charge", "equal", "ch_0"))])
def test_a_look_at_many_lines_that_have_started_takes_as_many_queries_as_at_one(
    django_assert_num_queries, conditions
):
    workflow = active(CHARGE, conditions=conditions)
    many = rows(*({"charge": f"ch_{number}"} for number in range(12)))
    start(workflow, many, BULK, NOBODY)
    with CaptureQueriesContext(connection) as one:
        preview(workflow, many[:1], BULK)
    with django_assert_num_queries(len(one)):
        assert {line.state for line in preview(workflow, many, BULK).lines} == {"started"}


def test_lines_that_have_started_are_answered_without_a_query_for_each(django_assert_max_num_queries):
    workflow = active(CHARGE)
    many = rows(*({"charge": f"ch_{number}"} for number in range(12)))
    first = start(workflow, many, BULK, NOBODY)
    with django_assert_max_num_queries(len(many) // 2):
        again = start(workflow, many, BULK, NOBODY)
    assert [(one.run, one.is_new) for one in again] == [(one.run, False) for one in first]


@pytest.mark.parametrize("together", [1, 2, 10])
def test_one_line_that_cannot_start_keeps_no_other_one_back(monkeypatch, together):
    workflow = active(CHARGE, REASON)
    start(workflow, [Row(2, {"charge": "ch_9"})], BULK, NOBODY)
    monkeypatch.setattr(bulk, "TOGETHER", together)
    # It started after the look that all are judged by.
    monkeypatch.setattr(bulk, "find", lambda *_given: {})
    done = start(workflow, [*TWO, Row(3, {"charge": "ch_3"})], BULK, NOBODY)
    assert [(one.number, one.is_new, one.code) for one in done] == [
        (1, True, ""),
        (2, False, "not_started"),
        (3, True, ""),
    ]
    assert "with other inputs" in done[1].reason
    runs = Run.objects.values_list("object_id", flat=True)
    assert sorted(runs) == ["ch_1", "ch_3", "ch_9"]
    assert AuditEntry.objects.filter(kind=kinds.RUN_STARTED.key).count() == 3


def test_who_may_no_longer_starts_no_further_line(monkeypatch):
    workflow, real, calls = active(CHARGE, REASON), bulk.invoke_together, []

    def allowed_once(*given):
        calls.append(given)
        if len(calls) > 1:
            raise PermissionDenied("Withdrawn.")
        return real(*given)

    monkeypatch.setattr(bulk, "TOGETHER", 1)
    monkeypatch.setattr(bulk, "invoke_together", allowed_once)
    done = start(workflow, [*TWO, Row(3, {"charge": "ch_3"})], BULK, NOBODY)
    assert [(one.is_new, one.reason) for one in done] == [(True, ""), *[(False, "Withdrawn.")] * 2]
    assert Run.objects.count() == 1


def test_why_a_line_started_no_run_is_told():
    workflow = active(CHARGE, REASON, conditions=group(compare("trigger.reason", "equal", "late")))
    done = start(workflow, TWO, BULK, NOBODY)
    assert [(one.run is None, one.code) for one in done] == [(True, "not_met"), (False, "")]


def test_who_may_not_starts_nothing():
    with pytest.raises(PermissionDenied):
        start(active(CHARGE, REASON), TWO, BULK, Act(user_with_role("viewer")))
    assert not Event.objects.exists()


@pytest.mark.parametrize("key", ["", "a b", "x" * 181])
def test_what_cannot_be_a_bulk_is_refused(key):
    with pytest.raises(NotPossible):
        preview(active(CHARGE, REASON), TWO, Asked({}, key))
    for workflow in (hourly().workflow, active(steps=(action("one", text="a"),))):
        with pytest.raises(NotPossible, match="asks for no inputs"):
            preview(read(workflow), TWO, BULK)
