"""The step that lets one run pass for each key and period."""

from datetime import timedelta

import pytest
from django.utils import timezone

from stripeflow.workflows.audit.acts import NOBODY
from stripeflow.workflows.blocks import base
from stripeflow.workflows.definition.validation import validate
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.history.counts import Range, counts_of
from stripeflow.workflows.history.page import RunPage
from stripeflow.workflows.models import KeyUse, Run
from stripeflow.workflows.operations import lifecycle, on_runs
from stripeflow.workflows.rehearsal.drafts import script_of
from stripeflow.workflows.rehearsal.trials import rehearse_sample
from tests.workflows.admin.addresses import address
from tests.workflows.admin.conftest import *  # noqa: F403  the clients of its fixtures
from tests.workflows.admin.pages import fill
from tests.workflows.api.conftest import ALL, Api
from tests.workflows.blocks.fake import each, section
from tests.workflows.blocks.test_stop import stop
from tests.workflows.documents import action, branch, compare, document, group, way
from tests.workflows.events import accept, payment

pytestmark = pytest.mark.django_db

MAIL = action("mail", text="mail")
LAST = action("last", text="last")


@pytest.fixture(autouse=True)
def _recorder(recorder):
    return recorder


def once(*first, again=(), key="{{ trigger.customer }}", amount=7, unit="days"):
    lanes = [
        {"key": "first", "name": "", "steps": list(first)},
        {"key": "again", "name": "", "steps": list(again)},
    ]
    inputs = {"key": key, "amount": amount, "unit": unit}
    return {"key": "once", "type": "once", "name": "", "inputs": inputs, "branches": lanes}


@pytest.fixture
def next_run(queue):
    """Another run of the one workflow, executed."""

    def next_run(*, do=execute, **fields):
        event = accept(payment(**{"customer": "cus_1", **fields}))
        run = Run.objects.get(event=event)
        do(run.pk)
        run.refresh_from_db()
        return run

    return next_run


def activated(*steps):
    workflow = lifecycle.create(document(*steps))
    lifecycle.activate(workflow)
    return workflow


def test_the_first_run_takes_one_branch_and_each_further_one_the_other(next_run, recorder):
    activated(once(MAIL, again=(action("skip", text="skip"),)), LAST)
    runs = [next_run() for _number in range(3)]
    assert recorder.texts == ["mail", "last", "skip", "last", "skip", "last"]
    steps = [run.steps.get(path="once") for run in runs]
    assert [(step.branch_key, step.outputs) for step in steps] == [
        ("first", {"is_first": True}),
        ("again", {"is_first": False}),
        ("again", {"is_first": False}),
    ]


def test_another_key_counts_by_itself(next_run, recorder):
    activated(once(MAIL))
    next_run()
    next_run(customer="cus_2")
    assert recorder.texts == ["mail", "mail"]


def test_the_next_period_begins_anew_with_the_first_run_after_it(next_run, recorder):
    activated(once(MAIL))
    next_run()
    KeyUse.objects.update(used_at=timezone.now() - timedelta(days=7))
    next_run()
    next_run()
    assert recorder.texts == ["mail", "mail"]


def test_a_stop_ends_those_that_come_too_soon(next_run, recorder):
    activated(once(MAIL, again=(stop("succeeded", "Not again."),)), LAST)
    next_run()
    assert next_run().status == "succeeded"
    assert recorder.texts == ["mail", "last"]


def test_a_worker_that_dies_before_the_record_does_not_spend_the_key(next_run, recorder, monkeypatch):
    activated(once(MAIL))

    def die(*_args):
        raise KeyboardInterrupt

    def killed(pk):
        with monkeypatch.context() as patch:
            patch.setattr(base, "record_step", die)
            with pytest.raises(KeyboardInterrupt):
                execute(pk)

    run = next_run(do=killed)
    assert KeyUse.objects.get().run_id == run.pk
    next_run()
    Run.objects.filter(pk=run.pk).update(lease_expires_at=timezone.now() - timedelta(seconds=1))
    execute(run.pk)
    assert recorder.keys == [f"stripeflow:{run.pk}:mail:1"]


def test_a_retry_of_what_follows_does_not_ask_again(next_run, recorder):
    recorder.then(ValueError("No."))
    activated(once(action("mail", "test.safe", text="mail")))
    run = next_run()
    assert run.status == "failed"
    KeyUse.objects.update(used_at=timezone.now() - timedelta(days=30))
    next_run()
    on_runs.retry(run, NOBODY)
    assert execute(run.pk) == "succeeded"
    assert recorder.texts == ["mail"] * 3
    assert run.steps.filter(path="once").count() == 1


def test_a_run_that_is_started_again_is_another_one(next_run, recorder):
    activated(once(MAIL))
    execute(on_runs.rerun(next_run(), NOBODY).pk)
    assert recorder.texts == ["mail"]


def test_a_new_version_goes_on_counting(next_run, recorder):
    workflow = activated(once(MAIL))
    next_run()
    lifecycle.activate(workflow)
    next_run()
    assert recorder.texts == ["mail"]


def test_of_items_with_the_same_key_the_first_passes(finish, recorder):
    run = finish(each("each", once(MAIL)), obj=payment(customer="cus_1"))
    assert (run.status, recorder.texts) == ("succeeded", ["mail"])


@pytest.mark.parametrize("customer", [None, ""])
def test_a_key_without_a_value_fails_the_step_and_lets_nobody_pass(finish, recorder, customer):
    run = finish(once(MAIL), obj=payment(customer=customer))
    assert (run.status, run.error["step"], recorder.texts) == ("failed", "once", [])
    assert not KeyUse.objects.exists()


def test_later_steps_may_ask_which_one_it_was(next_run, recorder):
    is_first = group(compare("steps.once.is_first", "is_true", None))
    steps = (once(MAIL), branch("choose", way("first", is_first, LAST)))
    assert validate(document(*steps)).problems.errors == ()
    activated(*steps)
    next_run()
    next_run()
    assert recorder.texts == ["mail", "last"]


@pytest.mark.parametrize(
    ("step", "code"),
    [
        (once(), "empty_lane"),
        (once(MAIL, key=""), "required"),
        (once(MAIL, amount=0), "invalid"),
        (once(MAIL, amount="{{ trigger.amount }}"), "invalid"),
        (once(MAIL, amount=401), "period_too_long"),
        (once(MAIL, amount=10**12, unit="weeks"), "period_too_long"),
        (once(MAIL, unit="years"), "choice"),
        (once(MAIL, key="{{ steps.gone.x }}"), "unknown_reference"),
    ],
)
def test_faulty_settings_are_refused(step, code):
    assert [one.code for one in validate(document(step)).problems.errors] == [code]


def test_without_the_second_branch_further_runs_go_on(next_run, recorder):
    step = once(MAIL)
    activated({**step, "branches": step["branches"][:1]}, LAST)
    next_run()
    next_run()
    assert recorder.texts == ["mail", "last", "last"]


@pytest.mark.parametrize("keys", [("gone",), ("body", "body")], ids=["unknown", "twice"])
def test_branches_that_a_kind_has_not_are_refused(keys):
    whole = section("part", LAST)
    step = {**whole, "branches": [{"key": key, "steps": []} for key in keys]}
    [problem] = validate(document(step)).problems.errors
    assert (problem.code, problem.branch) == ("unknown_branch", keys[-1])


def test_a_dry_run_says_that_both_branches_are_possible():
    steps = (once(MAIL, again=(stop("succeeded", "No."),)), LAST)
    found = rehearse_sample(script_of(lifecycle.create(document(*steps)))).found
    assert [lane.state for lane in found.steps[0].lanes] == ["possible", "possible"]
    assert (found.end, found.steps[1].state) == ("open", "possible")


def test_pages_say_which_branch_was_taken_and_count_it(next_run, client_with):
    activated(once(MAIL))
    runs = [next_run(), next_run()]
    for run, states in zip(runs, (("taken", "not_taken"), ("not_taken", "taken")), strict=True):
        ways = RunPage(run, payloads=True).path.ways
        assert (ways["once", "first"].state, ways["once", "again"].state) == states
    counts = counts_of(runs[0].version, Range.ALL)
    assert counts.ways["once", "first"] == counts.ways["once", "again"] == 1
    client = client_with("view_workflow", "view_run", "view_payload")
    assert "The first time in the period" in client.get(address(runs[0])).content.decode()
    assert "Once per key in 7 days" in client.get(address(runs[0].workflow)).content.decode()


def test_the_editor_offers_it_with_both_branches(editor):
    workflow = lifecycle.create(document(LAST))
    where = address("step", "add_block", kind="once", workflow=workflow.pk, position=0)
    assert editor.post(where, {"revision": workflow.revision}).status_code == 302
    row = workflow.steps.get(kind="once")
    assert [lane.key for lane in row.branches.all()] == ["first", "again"]
    boxes = {"inputs-key": "{{ trigger.customer }}", "inputs-amount": "7", "inputs-unit": "days"}
    fill(editor, address(row), "step_form", **boxes)
    row.refresh_from_db()
    assert row.inputs == {"key": "{{ trigger.customer }}", "amount": 7, "unit": "days"}


def test_the_api_says_which_branch_was_taken(next_run, user_with, settings):
    settings.ROOT_URLCONF = "tests.workflows.api.urls"
    activated(once(MAIL))
    run = next_run()
    [step, _mail] = Api(user_with(*ALL, username="program")).get(f"runs/{run.pk}/").json()["steps"]
    assert (step["kind"], step["branch"], step["outputs"]) == ("once", "first", {"is_first": True})
