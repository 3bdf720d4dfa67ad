import pytest

from stripeflow.actions.errors import PermanentError
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.limits import pausing
from stripeflow.workflows.limits.holding import release_over
from stripeflow.workflows.maintenance.restoring import hold
from stripeflow.workflows.models import Run
from stripeflow.workflows.models.run import HeldReason
from stripeflow.workflows.operations import on_runs
from stripeflow.workflows.states import RunStatus, StepStatus
from tests.workflows.documents import action, branch, compare, failing, group, usd, way
from tests.workflows.events import payment

pytestmark = pytest.mark.django_db

LARGE = group(compare("trigger.amount", "greater_than", usd(15)))
OF_ANN = group(compare("trigger.customer", "equal", "cus_ann"))
EUROS = payment(500_000, "eur")


@pytest.fixture
def give_back(money):
    """A step that moves money."""
    return {**money, "key": "give_back"}


@pytest.fixture
def asked(give_back):
    """ "Large: ask a person, else give the money back"."""
    return branch("choose", way("large", LARGE, action("ask", text="ask")), otherwise=(give_back,))


def test_no_money_moves_where_nobody_can_say_whether_it_should(finish, recorder, asked):
    run = finish(asked, action("after", text="after"), obj=EUROS)
    assert recorder.texts == []
    assert (run.status, run.held_reason) == (RunStatus.HELD, HeldReason.UNDECIDED)
    assert (run.error["code"], run.error["step"]) == ("undecided", "choose")


def test_it_is_recorded_what_each_condition_saw(finish, give_back):
    choose = branch("choose", way("large", LARGE), way("ann", OF_ANN), otherwise=(give_back,))
    record = finish(choose, obj=EUROS).steps.get()
    assert (record.status, record.branch_key, record.finished_at) == (StepStatus.WAITING, "", None)
    large, ann = record.explanation
    assert large["evaluation"]["truth"] == "unknown"
    assert "EUR" in large["evaluation"]["children"][0]["reason"]
    assert ann["evaluation"]["children"][0]["seen"] == "cus_test"


def test_a_later_branch_that_is_met_is_not_taken_either(finish, recorder, give_back):
    of_test = group(compare("trigger.customer", "equal", "cus_test"))
    run = finish(branch("choose", way("large", LARGE), way("test", of_test, give_back)), obj=EUROS)
    assert (run.status, recorder.texts) == (RunStatus.HELD, [])


def test_a_branch_that_is_met_before_anything_is_unknown_is_taken(finish, recorder, give_back):
    of_test = group(compare("trigger.customer", "equal", "cus_test"))
    run = finish(
        branch(
            "choose",
            way("test", of_test, action("mail", text="a")),
            way("large", LARGE),
            otherwise=(give_back,),
        ),
        obj=EUROS,
    )
    assert (run.status, recorder.texts) == (RunStatus.SUCCEEDED, ["a"])


def test_all_other_cases_are_taken_where_they_do_less_than_what_is_in_doubt(finish, recorder, money):
    mail = (action("mail", text="mail"),)
    run = finish(
        branch("choose", way("large", LARGE, action("pay", "test.money")), otherwise=mail), obj=EUROS
    )
    assert (run.status, recorder.texts) == (RunStatus.SUCCEEDED, ["mail"])
    record = run.steps.get(path="choose")
    assert (record.status, record.branch_key) == (StepStatus.SUCCEEDED, "otherwise")
    assert [one["branch"] for one in record.explanation] == ["large", "otherwise"]


def test_the_steps_own_choice_goes_before_the_default(finish, recorder, asked):
    run = finish({**asked, "if_undecided": "otherwise"}, obj=EUROS)
    assert (run.status, recorder.texts) == (RunStatus.SUCCEEDED, ["a"])
    mail = branch("choose", way("large", LARGE), otherwise=(action("mail", text="mail"),))
    run = finish({**mail, "if_undecided": "stop"}, obj={**EUROS, "id": "pi_other"})
    assert (run.status, recorder.texts) == (RunStatus.HELD, ["a"])


def test_an_error_branch_decides_by_the_same_rule(finish, recorder, asked):
    recorder.then(PermanentError("No."))
    run = finish(failing(action("one", text="one"), asked), obj=EUROS)
    assert recorder.texts == ["one"]
    assert (run.status, run.held_reason) == (RunStatus.HELD, HeldReason.UNDECIDED)


def test_an_outer_branch_asks_before_what_is_inside_a_later_one(finish, recorder, asked):
    run = finish(branch("outer", way("large", LARGE), otherwise=(asked,)), obj=EUROS)
    assert (run.status, run.error["step"]) == (RunStatus.HELD, "outer")


@pytest.mark.parametrize("reason", HeldReason)
def test_whoever_queues_it_without_a_choice_has_it_held_again(finish, recorder, asked, reason):
    run = finish(asked, obj=EUROS)
    Run.objects.filter(pk=run.pk).update(held_reason=reason)
    on_runs.release(run, Act())
    assert execute(run.pk) is RunStatus.HELD
    run.refresh_from_db()
    assert (run.held_reason, run.error["code"], recorder.texts) == (HeldReason.UNDECIDED, "undecided", [])
    assert run.steps.count() == 1


def test_the_end_of_a_pause_or_of_the_kill_switch_does_not_release_it(finish, asked):
    run = finish(asked, obj=EUROS)
    assert release_over() == 0
    run.refresh_from_db()
    assert run.status == RunStatus.HELD


def test_a_worker_that_ends_before_it_left_the_run_leaves_the_question_standing(
    start, recorder, asked, monkeypatch
):
    run = start(asked, obj=EUROS)
    with monkeypatch.context() as patch:
        for module in ("execution", "breaking_off"):
            patch.setattr(f"stripeflow.workflows.engine.{module}.leave", lambda *args, **columns: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            execute(run.pk)
    Run.objects.filter(pk=run.pk).update(status=RunStatus.QUEUED)
    assert execute(run.pk) is RunStatus.HELD
    assert (run.steps.count(), recorder.texts) == (1, [])


def chosen(run, branch):
    """The run, once a person has chosen and a worker has taken it as far as it goes."""
    on_runs.choose(run, branch, Act(), revision=run.revision)
    execute(run.pk)
    run.refresh_from_db()
    return run


@pytest.mark.parametrize(("key", "texts"), [("large", ["ask", "after"]), ("otherwise", ["a", "after"])])
def test_it_goes_on_down_the_branch_that_a_person_chose(finish, recorder, asked, key, texts):
    run = chosen(finish(asked, action("after", text="after"), obj=EUROS), key)
    assert (run.status, run.error, recorder.texts) == (RunStatus.SUCCEEDED, None, texts)
    record = run.steps.get(path="choose")
    assert (record.status, record.branch_key) == (StepStatus.SUCCEEDED, key)
    assert record.explanation[0]["evaluation"]["truth"] == "unknown"


def test_a_retry_behind_the_choice_keeps_it(finish, recorder, asked):
    recorder.then(PermanentError("No."))
    run = chosen(finish(asked, obj=EUROS), "large")
    assert run.status == RunStatus.FAILED
    on_runs.retry(run, Act())
    assert execute(run.pk) is RunStatus.SUCCEEDED
    assert recorder.texts == ["ask", "ask"]


def test_a_run_that_is_started_again_asks_again(finish, recorder, asked):
    run = chosen(finish(asked, obj=EUROS), "large")
    again = on_runs.rerun(run, Act())
    assert execute(again.pk) is RunStatus.HELD
    again.refresh_from_db()
    assert (again.held_reason, recorder.texts) == (HeldReason.UNDECIDED, ["ask"])


def test_a_choice_made_while_the_workflow_is_paused_counts_once_it_is_resumed(finish, recorder, asked):
    run = finish(asked, obj=EUROS)
    pausing.pause(run.workflow_id, "To look at it.")
    run = chosen(run, "large")
    assert (run.status, run.held_reason, recorder.texts) == (RunStatus.HELD, HeldReason.PAUSED, [])
    pausing.resume(run.workflow_id)
    assert execute(run.pk) is RunStatus.SUCCEEDED
    assert recorder.texts == ["ask"]


def test_each_undecided_step_of_a_run_is_asked_for_itself(finish, recorder, asked, give_back):
    second = branch("second", way("large2", LARGE), otherwise=({**give_back, "key": "again"},))
    run = chosen(finish(asked, second, obj=EUROS), "large")
    assert (run.status, run.error["step"]) == (RunStatus.HELD, "second")
    assert chosen(run, "large2").status == RunStatus.SUCCEEDED
    assert recorder.texts == ["ask"]


def test_a_restored_backup_does_not_let_it_go_on(finish, recorder, asked):
    run = finish(asked, action("mail", "test.ask", text="mail"), obj=EUROS)
    assert hold() == 1
    run.refresh_from_db()
    assert run.held_reason == HeldReason.RESTORED
    on_runs.release(run, Act())
    assert execute(run.pk) is RunStatus.HELD
    run.refresh_from_db()
    assert (run.held_reason, recorder.texts) == (HeldReason.UNDECIDED, [])
