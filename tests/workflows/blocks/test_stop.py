"""The step that ends the run: in every lane, in every place that says how a run ends."""

from datetime import timedelta

import pytest
from django.utils import timezone

from stripeflow.actions import errors
from stripeflow.workflows.audit.acts import NOBODY
from stripeflow.workflows.definition.choices import IfUndecided
from stripeflow.workflows.definition.plan import build
from stripeflow.workflows.definition.undecided import rules_of
from stripeflow.workflows.definition.validation import validate
from stripeflow.workflows.display.words import undecided_words
from stripeflow.workflows.engine import execution
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.history.page import RunPage
from stripeflow.workflows.models import Run
from stripeflow.workflows.operations import lifecycle, on_runs
from stripeflow.workflows.rehearsal.drafts import script_of
from stripeflow.workflows.rehearsal.samples import NothingKnown
from stripeflow.workflows.rehearsal.trials import rehearse_sample
from stripeflow.workflows.rehearsal.walking import Given, rehearse
from stripeflow.workflows.signals import run_failed
from stripeflow.workflows.states import RunStatus
from tests.workflows.admin.addresses import address
from tests.workflows.admin.conftest import *  # noqa: F403  the clients of its fixtures
from tests.workflows.admin.pages import fill
from tests.workflows.api.conftest import ALL, Api
from tests.workflows.blocks.fake import each, section
from tests.workflows.documents import action, branch, compare, document, failing, group, usd, way
from tests.workflows.events import payment

pytestmark = pytest.mark.django_db

LARGE = group(compare("trigger.amount", "greater_than", usd(15)))
LAST = action("last", text="b")


def stop(result="failed", reason="Too large: {{ trigger.id }}", key="stop"):
    return {"key": key, "type": "stop", "name": "", "inputs": {"result": result, "reason": reason}}


def statuses(run):
    return [(row.path, row.status) for row in run.steps.all()]


@pytest.fixture(autouse=True)
def _recorder(recorder):
    return recorder


@pytest.mark.parametrize("result", ["succeeded", "failed"])
@pytest.mark.parametrize(
    "around",
    [
        lambda end: (branch("choose", way("large", LARGE, end)), LAST),
        lambda end: (branch("choose", way("large", LARGE, branch("in", way("in", LARGE, end)))), LAST),
        lambda end: (section("part", end), LAST),
        lambda end: (each("each", end), LAST),
    ],
    ids=["branch", "nested branch", "block", "items"],
)
def test_it_ends_the_whole_run_in_every_lane(finish, recorder, around, result):
    run = finish(*around(stop(result)), obj=payment(5_000))
    assert run.status == result
    assert run.finished_at is not None
    assert recorder.texts == []
    assert [status for path, status in statuses(run) if path.endswith("stop")] == [result]


@pytest.mark.parametrize("result", ["succeeded", "failed"])
def test_it_ends_the_run_in_an_error_branch(finish, recorder, result):
    recorder.then(errors.PermanentError("No."))
    run = finish(failing(action("risky", text="a"), stop(result)), LAST)
    assert (run.status, recorder.texts) == (result, ["a"])


def test_a_lane_that_is_not_taken_ends_nothing(finish, recorder):
    run = finish(branch("choose", way("large", LARGE, stop())), LAST, obj=payment(500))
    assert (run.status, recorder.texts) == (RunStatus.SUCCEEDED, ["b"])


def test_a_failed_one_says_its_sentence_and_hides_its_values_from_those_who_may_not_see_them(finish):
    run = finish(stop(), obj=payment(id="pi_7"))
    assert (run.error["code"], run.error["step"]) == ("stopped", "stop")
    assert run.error["message"] == "Too large: pi_7"
    assert RunPage(run, payloads=False).error["message"] == ("The workflow ended the run as failed.")


def test_a_succeeded_one_leaves_no_error(finish):
    run = finish(stop("succeeded"))
    assert run.error is None


def test_a_failed_one_is_alerted_and_a_succeeded_one_is_not(finish):
    seen = []

    def receive(run, **_more):
        seen.append(run.error["code"])

    run_failed.connect(receive)
    try:
        finish(stop("succeeded"), name="Good")
        finish(stop(), name="Bad")
    finally:
        run_failed.disconnect(receive)
    assert seen == ["stopped"]


@pytest.mark.parametrize("result", ["succeeded", "failed"])
def test_a_worker_that_dies_after_its_record_is_followed_by_one_that_ends_the_run(
    start, recorder, monkeypatch, result
):
    run = start(section("part", stop(result)), LAST)

    def die(*_args, **_columns):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(execution, "leave", die)
        with pytest.raises(KeyboardInterrupt):
            execute(run.pk)
    Run.objects.filter(pk=run.pk).update(lease_expires_at=timezone.now() - timedelta(seconds=1))
    assert execute(run.pk) == result
    assert recorder.texts == []
    assert statuses(run) == [("part", "succeeded"), ("stop", result)]


def test_a_retry_ends_it_again(finish):
    run = finish(stop())
    on_runs.retry(run, NOBODY)
    assert execute(run.pk) is RunStatus.FAILED
    assert statuses(run) == [("stop", "failed"), ("stop", "failed")]


def test_without_its_value_the_sentence_fails_the_run_by_that_reason(finish):
    run = finish(stop("succeeded", "{{ trigger.description }}"))
    assert (run.status, run.error["code"]) == (RunStatus.FAILED, "missing_value")


@pytest.mark.parametrize(
    ("steps", "never"),
    [
        ((stop(), LAST), "last"),
        ((section("part", stop(), LAST),), "last"),
        ((branch("choose", way("large", LARGE, stop()), otherwise=(stop(key="stop_2"),)), LAST), "last"),
        ((stop(), stop(key="stop_2")), "stop_2"),
    ],
    ids=["list", "lane", "every branch", "another"],
)
def test_what_would_never_run_is_refused_by_its_title(steps, never):
    [problem] = validate(document(*steps)).problems.errors
    assert (problem.code, problem.step) == ("never_runs", never)
    assert "never runs, since the run ends with “" in problem.message


@pytest.mark.parametrize(
    "steps",
    [(branch("choose", way("large", LARGE, stop())), LAST), (section("part", LAST), stop())],
    ids=["one branch", "last"],
)
def test_what_may_run_is_no_problem(steps):
    assert validate(document(*steps)).problems.errors == ()


def test_its_settings_are_required():
    found = validate(document(stop(result=None, reason=""))).problems.errors
    assert [(one.code, one.field) for one in found] == [("required", "result"), ("required", "reason")]


@pytest.mark.parametrize(
    ("step", "rules"),
    [
        (branch("b", way("one", LARGE, stop())), ["stop"]),
        (branch("b", way("one", LARGE), way("two", LARGE, stop())), ["stop", "stop"]),
        (branch("b", way("one", LARGE, stop()), way("two", LARGE)), ["stop", "otherwise"]),
        (branch("b", way("one", LARGE), otherwise=(stop(),)), ["otherwise"]),
    ],
    ids=["in doubt", "later", "earlier", "otherwise"],
)
def test_an_unknown_condition_never_passes_a_branch_that_might_have_ended_the_run(step, rules):
    found = rules_of(step)[: len(rules)]
    assert list(found) == [IfUndecided(rule) for rule in rules]


def test_an_unknown_condition_does_not_let_what_follows_move_money(finish, money, recorder):
    run = finish(branch("b", way("large", LARGE, stop())), money, obj=payment(5_000, "eur"))
    assert (run.status, recorder.texts) == (RunStatus.HELD, [])
    assert undecided_words(branch("b", way("one", LARGE, stop()))) == (
        "stop for a person, since a branch ends the run"
    )


@pytest.mark.parametrize(
    ("step", "codes"),
    [
        (branch("b", way("one", LARGE, stop())), ["goes_on_if_undecided"]),
        (branch("b", way("one", LARGE), otherwise=(stop(),)), []),
    ],
    ids=["branch", "otherwise"],
)
def test_a_choice_to_go_on_where_a_branch_might_have_ended_the_run_is_warned_of(step, codes):
    found = validate(document({**step, "if_undecided": "otherwise"})).problems
    assert [one.code for one in found if one.severity == "warning"] == codes


@pytest.mark.parametrize(("result", "end"), [("succeeded", "stopped"), ("failed", "failed")])
def test_a_dry_run_ends_there(result, end):
    trial = rehearse_sample(script_of(lifecycle.create(document(section("part", stop(result)), LAST))))
    assert trial.found.end == end
    part, last = trial.found.steps
    assert part.lanes[0].steps[0].inputs["result"] == result
    assert last.state == "not_reached"


def test_a_dry_run_says_that_what_follows_a_possible_one_is_possible():
    unknown = group(compare("steps.first.text", "equal", "a"))
    steps = (action("first", "test.ask", text="{{ trigger.id }}"), branch("b", way("one", unknown, stop())))
    whole = document(*steps, LAST)
    found = rehearse(
        build(whole, validate(whole).types),
        Given({"data": {"object": payment()}}),
        now=timezone.now(),
        samples=NothingKnown(),
    )
    assert (found.end, found.steps[-1].state) == ("open", "possible")


def test_the_editor_offers_and_saves_it(editor):
    workflow = lifecycle.create(document(LAST))
    where = address("step", "add_block", kind="stop", workflow=workflow.pk, position=1)
    assert editor.post(where, {"revision": workflow.revision}).status_code == 302
    row = workflow.steps.get(kind="stop")
    assert "The run ends as" in editor.get(address(row)).content.decode()
    fill(editor, address(row), "step_form", **{"inputs-result": "succeeded", "inputs-reason": "Enough."})
    row.refresh_from_db()
    assert row.inputs == {"result": "succeeded", "reason": "Enough."}


def test_the_api_shows_how_it_ended(user_with, finish, settings):
    settings.ROOT_URLCONF = "tests.workflows.api.urls"
    run = finish(stop(), obj=payment(id="pi_7"))
    found = Api(user_with(*ALL, username="program")).get(f"runs/{run.pk}/").json()
    assert (found["status"], found["error"]["code"]) == ("failed", "stopped")
    assert found["error"]["message"] == "Too large: pi_7"
    assert [(one["kind"], one["status"]) for one in found["steps"]] == [("stop", "failed")]
