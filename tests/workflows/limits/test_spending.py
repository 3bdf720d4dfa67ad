from datetime import date

import pytest
from django.db import IntegrityError, transaction

from stripeflow.actions.errors import PermanentError, TransientError, UnknownOutcome
from stripeflow.triggers.account_mode import AccountMode
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.limits.spending import INSTALLATION, Spender, give_back, reserve, scope_of
from stripeflow.workflows.models import Workflow
from stripeflow.workflows.models.limits import Reservation, Spending
from stripeflow.workflows.states import RunStatus
from tests.workflows.documents import action

pytestmark = pytest.mark.django_db

NOON = 1_790_000_000  # 2026-09-21 13:33:20 UTC
THE_DAY = date(2026, 9, 21)


@pytest.fixture
def workflow(settings):
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "REFUND_CAPS_PER_DAY": {"usd": 10_000}}
    return Workflow.objects.create(name="Refunds", refund_caps={"usd": 5_000})


def spender(workflow, account="", *, livemode=False):
    return Spender(workflow, AccountMode(livemode, account))


def spent(workflow=None, currency="usd"):
    scope = scope_of(workflow.pk) if workflow else INSTALLATION
    return Spending.objects.get(scope=scope, currency=currency).amount


def test_counts_what_is_given_back_for_the_workflow_and_for_all(workflow):
    reserve(spender(workflow), "key 1", amount=1_000, currency="usd")
    reserve(spender(workflow), "key 2", amount=500, currency="USD")
    assert (spent(workflow), spent()) == (1_500, 1_500)


def test_a_repeat_of_the_same_call_takes_nothing_more(workflow):
    for _ in range(3):
        reserve(spender(workflow), "key", amount=4_000, currency="usd")
    assert spent(workflow) == 4_000


def test_the_cap_itself_may_be_reached_and_not_passed(workflow):
    reserve(spender(workflow), "key 1", amount=5_000, currency="usd")
    with pytest.raises(PermanentError, match="of this workflow") as caught:
        reserve(spender(workflow), "key 2", amount=1, currency="usd")
    assert caught.value.code == "cap_reached"
    assert (spent(workflow), spent()) == (5_000, 5_000)


def test_the_caps_count_as_they_are_when_money_moves(workflow):
    known = spender(workflow)
    reserve(known, "key 1", amount=1_000, currency="usd")
    Workflow.objects.update(refund_caps={"usd": 1_500})
    with pytest.raises(PermanentError) as caught:
        reserve(known, "key 2", amount=1_000, currency="usd")
    assert caught.value.code == "cap_reached"
    Workflow.objects.update(refund_caps={"usd": 2_000})
    reserve(known, "key 2", amount=1_000, currency="usd")


@pytest.mark.parametrize("made_at", [None, NOON])
@pytest.mark.parametrize("amount", [0, -1, -100_000, True, 1.0, "100", None])
def test_what_is_no_amount_is_not_reserved(workflow, amount, made_at):
    with pytest.raises(PermanentError, match="minor units") as caught:
        reserve(spender(workflow), "key", amount=amount, currency="usd", made_at=made_at)
    assert caught.value.code == "no_amount"
    assert not Spending.objects.exists()
    assert not Reservation.objects.exists()


@pytest.mark.parametrize(("amount", "currency"), [(1_001, "usd"), (1_000, "eur"), (50_000, "usd")])
def test_the_same_call_reserves_no_more_and_nothing_else(workflow, amount, currency):
    reserve(spender(workflow), "key", amount=1_000, currency="usd")
    with pytest.raises(PermanentError) as caught:
        reserve(spender(workflow), "key", amount=amount, currency=currency)
    assert caught.value.code == "reserved_differently"
    assert (spent(workflow), spent()) == (1_000, 1_000)


def test_a_repeat_of_which_less_is_left_is_covered(workflow):
    reserve(spender(workflow), "key", amount=1_000, currency="USD")
    reserve(spender(workflow), "key", amount=900, currency="usd")
    assert spent(workflow) == 1_000


@pytest.mark.parametrize(("model", "least"), [(Reservation, 1), (Spending, 0)])
def test_the_database_takes_no_less(workflow, model, least):
    columns = {"livemode": False, "day": THE_DAY, "currency": "usd"}
    own = {"key": "key", "workflow": workflow} if model is Reservation else {"scope": "workflow:1"}
    model.objects.create(**columns, **own, amount=least)
    model.objects.all().delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.create(**columns, **own, amount=least - 1)


@pytest.fixture
def refusing(settings):
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "REFUNDS_WITHOUT_CAP": "refuse"}


@pytest.mark.usefixtures("refusing")
def test_a_currency_without_any_cap_may_be_refused(workflow):
    with pytest.raises(PermanentError, match="no daily limit in EUR") as caught:
        reserve(spender(workflow), "key", amount=1, currency="eur")
    assert caught.value.code == "no_cap"
    assert not Reservation.objects.exists()
    Workflow.objects.update(refund_caps={"eur": 5})
    reserve(spender(workflow), "key", amount=5, currency="eur")


@pytest.mark.usefixtures("refusing")
def test_then_the_cap_of_the_installation_is_one_as_well(workflow):
    Workflow.objects.update(refund_caps={})
    reserve(spender(workflow), "key", amount=1, currency="usd")


def limited(workflow, caps):
    Workflow.objects.filter(pk=workflow.pk).update(refund_caps=caps)


def test_money_that_moved_past_a_limit_without_being_counted_is_for_a_person(start, recorder, money):
    run = start(money)
    limited(run.workflow, {"usd": 5_000})
    assert execute(run.pk) is RunStatus.OUTCOME_UNKNOWN
    run.refresh_from_db()
    assert run.error["code"] == "not_reserved"
    assert len(recorder.calls) == 1


def test_a_call_that_says_that_it_moves_nothing_needs_no_share(start, recorder, money):
    run = start(money)
    limited(run.workflow, {"usd": 5_000})
    recorder.then(lambda: recorder.calls[-1][1].waive() or {})
    assert execute(run.pk) is RunStatus.SUCCEEDED
    assert not Reservation.objects.exists()


def test_money_that_was_reserved_is_counted(start, recorder, money):
    run = start(money)
    limited(run.workflow, {"usd": 5_000})
    recorder.then(lambda: recorder.calls[-1][1].reserve(amount=100, currency="usd") or {})
    assert execute(run.pk) is RunStatus.SUCCEEDED


@pytest.mark.parametrize("moves", [True, False])
def test_what_moves_no_money_or_has_no_limit_need_not_reserve(start, money, moves):
    run = start(money if moves else action("one", text="a"))
    limited(run.workflow, {} if moves else {"usd": 1})
    assert execute(run.pk) is RunStatus.SUCCEEDED


def test_a_cap_that_is_lowered_between_two_refunds_counts(start, recorder, money):
    run = start(money, {**money, "key": "two"})
    limited(run.workflow, {"usd": 5_000})

    def refund():
        recorder.calls[-1][1].reserve(amount=1_000, currency="usd")
        return {}

    def refund_and_be_seen():
        limited(run.workflow, {"usd": 1_999})
        return refund()

    recorder.then(refund_and_be_seen, refund)
    assert execute(run.pk) is RunStatus.FAILED
    run.refresh_from_db()
    assert (run.error["code"], run.error["step"], spent(run.workflow)) == ("cap_reached", "two", 1_000)


def test_what_was_given_back_before_a_restored_backup_counts_for_its_day(workflow):
    for _ in range(2):
        reserve(spender(workflow), "stripeflow:run:one:1", amount=9_000, currency="USD", made_at=NOON)
    assert (spent(workflow), spent()) == (9_000, 9_000)
    assert set(Spending.objects.values_list("day", flat=True)) == {THE_DAY}


def test_what_was_given_back_counts_once_whichever_group_made_it(workflow):
    reserve(spender(workflow), "stripeflow:run:one:1", amount=1_000, currency="usd")
    reserve(spender(workflow), "stripeflow:run:one:2", amount=1_000, currency="usd", made_at=NOON)
    reserve(spender(workflow), "stripeflow:run:one_more:1", amount=500, currency="usd", made_at=NOON)
    rows = Spending.objects.filter(scope=INSTALLATION).order_by("day").values_list("amount", flat=True)
    assert sorted(rows) == [500, 1_000]


def test_workflows_share_the_cap_of_the_installation(workflow):
    others = [Workflow.objects.create(name=f"Other {n}", refund_caps={}) for n in range(2)]
    reserve(spender(others[0]), "key 1", amount=9_000, currency="usd")
    with pytest.raises(PermanentError, match="whole installation"):
        reserve(spender(others[1]), "key 2", amount=1_001, currency="usd")
    reserve(spender(others[1]), "key 3", amount=1_000, currency="usd")


def test_a_currency_without_a_cap_is_only_counted(workflow):
    reserve(spender(workflow), "key", amount=10**9, currency="eur")
    assert spent(workflow, "eur") == 10**9


def capped(settings, kind):
    """The workflow with one limit for one customer, $50.00: that of all workflows, or its own."""
    of_all, own = ({"usd": 5_000}, {}) if kind == "all" else ({}, {"usd": 5_000})
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "CUSTOMER_CAPS_PER_DAY": of_all}
    return Workflow.objects.create(name="Refunds", customer_caps=own)


@pytest.mark.parametrize(("kind", "says"), [("all", "of all workflows"), ("own", "of this workflow")])
def test_each_customer_has_a_limit_of_their_own(settings, kind, says):
    workflow = capped(settings, kind)
    reserve(spender(workflow), "key 1", amount=5_000, currency="usd", customer="cus_1")
    reserve(spender(workflow), "key 2", amount=5_000, currency="usd", customer="cus_2")
    reserve(spender(workflow), "key 3", amount=9_000, currency="eur", customer="cus_1")
    # The same id in another account, or mode, is somebody else.
    reserve(spender(workflow, "acct_1"), "key 4", amount=5_000, currency="usd", customer="cus_1")
    reserve(spender(workflow, livemode=True), "key 5", amount=5_000, currency="usd", customer="cus_1")
    with pytest.raises(PermanentError, match=f"for one customer, {says}, \\$50.00 USD") as caught:
        reserve(spender(workflow), "key 6", amount=1, currency="usd", customer="cus_1")
    assert caught.value.code == "cap_reached"
    assert "cus_1" not in str(caught.value.message.public)
    give_back("key 1")
    reserve(spender(workflow), "key 6", amount=5_000, currency="usd", customer="cus_1")


def test_two_workflows_share_the_limit_for_one_customer_and_have_their_own(settings):
    shared, other = capped(settings, "all"), Workflow.objects.create(name="Other")
    reserve(spender(shared), "key 1", amount=3_000, currency="usd", customer="cus_1")
    with pytest.raises(PermanentError, match="of all workflows"):
        reserve(spender(other), "key 2", amount=2_001, currency="usd", customer="cus_1")
    own = capped(settings, "own")
    reserve(spender(own), "key 3", amount=5_000, currency="usd", customer="cus_1")


@pytest.mark.parametrize("kind", ["all", "own"])
@pytest.mark.parametrize("without", ["refuse", "count"])
def test_money_of_an_unknown_customer_is_refused_unless_a_setting_counts_it(settings, kind, without):
    workflow = capped(settings, kind)
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "MONEY_WITHOUT_CUSTOMER": without}
    reserve(spender(workflow), "other currency", amount=9_000, currency="eur")
    reserve(spender(workflow), "a payout", amount=9_000, currency="usd", customer=None)
    try:
        reserve(spender(workflow), "a guest", amount=1, currency="usd")
        refused = ""
    except PermanentError as error:
        refused = error.code
    assert refused == ("no_customer" if without == "refuse" else "")
    assert Reservation.objects.filter(key="a guest").exists() is not bool(refused)


def test_what_was_counted_late_counts_for_its_customer(settings):
    workflow = capped(settings, "own")
    reserve(
        spender(workflow),
        "stripeflow:run:one:1",
        amount=9_000,
        currency="usd",
        made_at=NOON,
        customer="cus_1",
    )
    assert Spending.objects.filter(customer="cus_1", day=THE_DAY, amount=9_000).count() == 2


def test_what_was_not_spent_is_given_back_once(workflow):
    reserve(spender(workflow), "key", amount=5_000, currency="usd")
    give_back("key")
    give_back("key")
    assert (spent(workflow), spent()) == (0, 0)
    reserve(spender(workflow), "key", amount=5_000, currency="usd")


def test_giving_back_what_was_never_taken_does_nothing(workflow):
    give_back("unknown")
    assert not Spending.objects.exists()


@pytest.mark.parametrize("error", [PermanentError("No."), TransientError("Busy.")])
def test_a_step_that_failed_gives_its_share_back_however_it_failed(start, recorder, settings, error):
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "MAX_ATTEMPTS": 1}

    def reserve_and_fail():
        recorder.calls[-1][1].reserve(amount=100, currency="usd")
        raise error

    recorder.then(reserve_and_fail)
    run = start(action("one", text="a"))
    assert execute(run.pk) is RunStatus.FAILED
    assert spent() == 0


def test_a_step_of_which_nobody_knows_keeps_its_share(start, recorder, settings):
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "MAX_ATTEMPTS": 1}

    def reserve_and_vanish():
        recorder.calls[-1][1].reserve(amount=100, currency="usd")
        raise UnknownOutcome("Timeout.")

    recorder.then(reserve_and_vanish)
    run = start(action("one", text="a"))
    assert execute(run.pk) is RunStatus.OUTCOME_UNKNOWN
    assert spent() == 100
