"""The steps that run when a run would end as failed."""

import pytest
from django.utils import timezone

from stripeflow.actions import errors
from stripeflow.workflows.audit.acts import NOBODY
from stripeflow.workflows.definition.problems import DefinitionError
from stripeflow.workflows.definition.validation import validate
from stripeflow.workflows.drafts.rows import to_document
from stripeflow.workflows.engine.breaking_off import break_off
from stripeflow.workflows.engine.execution import claim, execute
from stripeflow.workflows.models import StepRun
from stripeflow.workflows.operations import lifecycle, on_runs
from stripeflow.workflows.rehearsal.drafts import script_of
from stripeflow.workflows.rehearsal.trials import rehearse_sample
from stripeflow.workflows.states import RunStatus
from tests.workflows.admin.addresses import address
from tests.workflows.blocks.loop.steps import loop
from tests.workflows.blocks.waits.steps import wait
from tests.workflows.documents import action, branch, compare, document, failing, group, usd, way

pytestmark = pytest.mark.django_db

LARGE = group(compare("trigger.amount", "greater_than", usd(15)))
ONE = action("one", text="a")
TOLD = action("told", text="{{ steps.on_failure.step }}: {{ steps.on_failure.message }}")
NO = errors.PermanentError("No.", code="refused")


def on_failure(*steps, key="on_failure"):
    lane = {"key": "failed", "name": "", "steps": list(steps)}
    return {"key": key, "type": "on_failure", "name": "", "inputs": {}, "branches": [lane]}


def stop(result):
    return {"key": "stop", "type": "stop", "name": "", "inputs": {"result": result, "reason": "Because."}}


@pytest.fixture(autouse=True)
def _installed(recorder, queue):
    pass


def paths(run):
    return [(row.path, row.status) for row in run.steps.all()]


@pytest.mark.parametrize(
    "fails",
    [
        (ONE,),
        (branch("choose", way("large", LARGE, ONE)), action("after", text="b")),
        (stop("failed"),),
        (action("one", text="{{ trigger.missing }}"),),
    ],
    ids=["a step", "in a branch", "a stop", "inputs"],
)
def test_runs_whatever_has_failed_and_the_run_is_failed(finish, recorder, fails):
    recorder.then(NO)
    run = finish(*fails, on_failure(action("told", text="{{ steps.on_failure.code }}")))
    assert run.state is RunStatus.FAILED
    assert recorder.texts[-1] == run.error["code"] != ""
    assert run.steps.last().path == "on_failure/1/told"
    assert run.error["step"] != "told"


@pytest.mark.parametrize(("name", "said"), [("", "Record"), ("Pay it back", "Pay it back")])
def test_knows_the_step_by_its_title(finish, recorder, name, said):
    recorder.then(NO)
    finish({**ONE, "name": name}, on_failure(TOLD))
    assert recorder.texts[-1] == f"{said}: No."


def test_a_run_that_goes_well_passes_it(finish, recorder):
    run = finish(ONE, on_failure(TOLD))
    assert (run.state, recorder.texts, paths(run)) == (RunStatus.SUCCEEDED, ["a"], [("one", "succeeded")])


def test_it_does_not_cost_a_run_that_goes_well_anything(start):
    from bench.plans import watched

    counts = []
    for number, more in enumerate(((), (on_failure(TOLD),))):
        run = start(ONE, *more, name=f"Workflow {number}")
        with watched() as seen:
            execute(run.pk)
        counts.append(len([sql for sql, _given in seen.statements if "switch" not in sql]))
    assert counts[0] >= counts[1]


@pytest.mark.parametrize("first", [failing(ONE, action("mend", text="b")), {**ONE, "on_error": "continue"}])
def test_a_failure_that_is_handled_is_none(finish, recorder, first):
    recorder.then(NO)
    assert finish(first, on_failure(TOLD)).state is RunStatus.SUCCEEDED
    assert not StepRun.objects.filter(step_key="told").exists()


def test_an_unknown_outcome_and_a_cancellation_are_no_failures(start, recorder):
    recorder.then(errors.UnknownOutcome("Lost."))
    run = start(action("one", "test.ask", text="a"), on_failure(TOLD))
    assert execute(run.pk) is RunStatus.OUTCOME_UNKNOWN
    on_runs.cancel(run, NOBODY)
    assert not StepRun.objects.filter(step_key="told").exists()


def test_an_outcome_that_a_person_denies_is_a_failure(start, recorder):
    recorder.then(errors.UnknownOutcome("Lost."))
    run = start(action("one", "test.ask", text="a"), on_failure(TOLD))
    execute(run.pk)
    run.refresh_from_db()
    on_runs.deny(run, NOBODY, revision=run.revision)
    assert execute(run.pk) is RunStatus.FAILED
    assert recorder.texts[-1].endswith("Lost.")


def test_a_failure_among_them_does_not_hide_the_first(finish, recorder):
    recorder.then(NO, errors.PermanentError("Nor this.", code="other"))
    run = finish(ONE, on_failure(TOLD, action("last", text="c")))
    assert (run.state, run.error["code"], run.error["step"]) == (RunStatus.FAILED, "refused", "one")
    assert paths(run)[-1] == ("on_failure/1/told", "failed")


@pytest.mark.parametrize("last", [stop("succeeded"), failing(action("x", text="x"), action("y", text="y"))])
def test_nothing_in_it_ends_the_run_as_succeeded(finish, recorder, last):
    recorder.then(NO, errors.PermanentError("Nor this."))
    run = finish(ONE, on_failure(last))
    assert (run.state, run.error["code"]) == (RunStatus.FAILED, "refused")


def test_a_retry_that_fails_again_runs_them_again_with_other_keys(finish, recorder):
    recorder.then(NO)
    run = finish(ONE, on_failure(TOLD))
    on_runs.retry(run, NOBODY)
    recorder.then(NO)
    assert execute(run.pk) is RunStatus.FAILED
    told = StepRun.objects.filter(step_key="told")
    assert [row.path for row in told] == ["on_failure/1/told", "on_failure/2/told"]
    assert len({row.idempotency_key for row in told}) == 2
    run.refresh_from_db()
    on_runs.retry(run, NOBODY)
    assert execute(run.pk) is RunStatus.SUCCEEDED
    assert told.count() == 2


def test_a_worker_that_dies_among_them_repeats_no_recorded_one(start, recorder, monkeypatch):
    recorder.then(NO, dict, errors.TransientError("Later."))
    run = start(ONE, on_failure(TOLD, action("last", text="c")))
    assert execute(run.pk) is RunStatus.WAITING
    type(run).objects.filter(pk=run.pk).update(due_at=run.created_at)
    assert execute(run.pk) is RunStatus.FAILED
    assert [text for text in recorder.texts if text.startswith("c")] == ["c", "c"]
    assert StepRun.objects.filter(step_key="told").count() == 1
    run.refresh_from_db()
    assert run.error["code"] == "refused"


def test_an_unknown_outcome_among_them_asks_a_person_and_then_the_run_fails(start, recorder):
    recorder.then(NO, errors.UnknownOutcome("Lost."))
    run = start(ONE, on_failure(action("told", "test.ask", text="b")))
    assert execute(run.pk) is RunStatus.OUTCOME_UNKNOWN
    run.refresh_from_db()
    on_runs.confirm(run, NOBODY, revision=run.revision)
    assert execute(run.pk) is RunStatus.FAILED
    run.refresh_from_db()
    assert run.error["code"] == "refused"


@pytest.mark.parametrize(
    ("steps", "codes"),
    [
        ((ONE, on_failure(TOLD)), []),
        ((stop("failed"), on_failure(TOLD)), []),
        ((ONE, on_failure()), ["empty_lane"]),
        ((on_failure(TOLD), ONE), ["on_failure_not_last"]),
        ((branch("choose", way("large", LARGE, on_failure(TOLD))),), ["on_failure_inside"]),
        (
            (ONE, on_failure(TOLD), on_failure(action("x", text="x"), key="second")),
            ["on_failure_twice", "on_failure_twice"],
        ),
        ((ONE, on_failure(action("told", text="{{ steps.one.text }}"))), ["unknown_reference"]),
    ],
    ids=["right", "behind a stop", "empty", "not last", "inside", "twice", "refers to what may not have run"],
)
def test_activation_checks_it(steps, codes):
    assert [one.code for one in validate(document(*steps)).problems] == codes


def test_money_in_it_needs_the_permission(money):
    from stripeflow.workflows.definition.validation import moves_money

    assert moves_money(document(ONE, on_failure(money)))


@pytest.mark.parametrize(
    ("first", "states"),
    [(ONE, ["not_reached", "not_reached"]), (stop("failed"), ["would_run", "would_run"])],
)
def test_a_dry_run_walks_it_where_the_run_is_sure_to_fail(first, states):
    workflow = lifecycle.create(document(first, on_failure(action("told", text="b"))))
    found = rehearse_sample(script_of(workflow)).found
    last = found.steps[-1]
    assert [last.state, last.lanes[0].steps[0].state] == states
    assert found.end == ("failed" if states[0] == "would_run" else "done")


def test_is_exported_as_it_was_imported_and_drawn(admin_client, finish, recorder):
    made = document(ONE, on_failure(TOLD))
    workflow = lifecycle.create(made)
    assert to_document(workflow) == made
    assert "Only if the run would end as failed" in admin_client.get(address(workflow)).content.decode()
    recorder.then(NO)
    page = admin_client.get(address(finish(ONE, on_failure(TOLD), name="Second"))).content.decode()
    assert "If the run fails" in page


def test_a_second_one_blocks_activation_by_its_title():
    workflow = lifecycle.create(document(ONE, on_failure(TOLD), on_failure(key="again")))
    with pytest.raises(DefinitionError, match="more than once"):
        lifecycle.activate(workflow)


def test_a_retry_after_the_run_broke_off_among_them_goes_on_there(start, recorder):
    recorder.then(NO)
    run = start(ONE, on_failure(TOLD, wait(amount=1, unit="days"), action("last", text="c")))
    assert execute(run.pk) is RunStatus.WAITING
    type(run).objects.filter(pk=run.pk).update(due_at=run.created_at)
    break_off(claim(run.pk), {"code": "engine_crashed", "message": "Crash."}, now=timezone.now())
    StepRun.objects.filter(run=run, due_at__isnull=False).update(due_at=timezone.now())
    run.refresh_from_db()
    on_runs.retry(run, NOBODY)
    assert execute(run.pk) is RunStatus.FAILED
    assert [row.path for row in StepRun.objects.filter(step_key="told")] == ["on_failure/1/told"]
    assert recorder.texts[-1] == "c"


@pytest.mark.parametrize(
    ("around", "is_too_deep"),
    [(lambda deep: deep, False), (lambda deep: on_failure(deep, key="f" * 60), True)],
)
def test_loops_in_it_have_less_room_for_their_paths(around, is_too_deep):
    deep = loop(loop(action("c" * 60, text="a"), key="b" * 60, over="{{ item.rows }}"), key="a" * 60)
    found = [one.code for one in validate(document(ONE, around(deep))).problems]
    assert ("loop_too_deep" in found) is is_too_deep
