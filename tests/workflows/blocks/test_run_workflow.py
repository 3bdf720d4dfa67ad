"""The step that runs another workflow."""

from datetime import timedelta

import pytest
from django.utils import timezone

from stripeflow.actions import errors
from stripeflow.triggers.account_mode import AccountMode
from stripeflow.triggers.widths import WIDTH
from stripeflow.workflows.audit.acts import NOBODY
from stripeflow.workflows.blocks.child import starting
from stripeflow.workflows.blocks.child.inputs import reference_in
from stripeflow.workflows.definition.changing import changes_customers
from stripeflow.workflows.definition.problems import DefinitionError
from stripeflow.workflows.definition.validation import moves_money
from stripeflow.workflows.drafts.rows import to_document
from stripeflow.workflows.engine import children, looking_up
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.limits import switch
from stripeflow.workflows.maintenance import restoring
from stripeflow.workflows.matching import addressed
from stripeflow.workflows.models import Run, StepRun
from stripeflow.workflows.operations import lifecycle, on_runs
from stripeflow.workflows.rehearsal.drafts import script_of
from stripeflow.workflows.rehearsal.trials import rehearse_sample
from stripeflow.workflows.states import RunStatus
from tests.workflows.admin.addresses import address
from tests.workflows.api.conftest import Api
from tests.workflows.blocks.loop.steps import holding, loop
from tests.workflows.documents import EVERYTHING, action, compare, document, group

pytestmark = pytest.mark.django_db

CHARGE = {"name": "charge", "kind": "text", "label": "Charge", "required": True}
AFTER = action("after", text="{{ steps.child.status }}")


@pytest.fixture(autouse=True)
def _installed(recorder, queue):
    pass


def child(*steps, asks=(CHARGE,), name="Child", scope=EVERYTHING, conditions=None):
    made = document(*(steps or (action("one", text="{{ trigger.charge }}"),)), name=name)
    made["trigger"] = {
        "type": "on_demand",
        "asks_for": list(asks),
        "scope": scope,
        "conditions": conditions or group(),
    }
    workflow = lifecycle.create(made)
    lifecycle.activate(workflow)
    return workflow


def runs(workflow, *on_failure, wait=True, key="child", **values):
    rows = [{"input": name, "value": value} for name, value in values.items()]
    inputs = {"workflow": f"{workflow.pk}: {workflow.name}", "values": rows, "wait": wait}
    lane = {"key": "failed", "name": "", "steps": list(on_failure)}
    return {"key": key, "type": "run_workflow", "name": "", "inputs": inputs, "branches": [lane]}


def child_run(workflow):
    return Run.objects.get(workflow=workflow)


def fresh(run):
    run.refresh_from_db()
    return run


@pytest.fixture
def waiting(start):
    """A run that waits for its child, and the child's run."""

    def waiting(*steps, **options):
        other = child(*steps)
        run = start(runs(other, charge="{{ trigger.id }}"), AFTER, **options)
        assert execute(run.pk) is RunStatus.WAITING
        return fresh(run), child_run(other)

    return waiting


def test_waits_for_the_end_and_goes_on(waiting, recorder):
    run, other = waiting()
    assert (other.depth, AccountMode.of(other)) == (1, AccountMode.of(run))
    execute(other.pk)
    assert fresh(run).due_at <= timezone.now()
    assert execute(run.pk) is RunStatus.SUCCEEDED
    assert recorder.texts == ["pi_test", "succeeded"]


def test_goes_on_at_once_if_it_is_not_to_wait(start, recorder):
    other = child()
    run = start(runs(other, wait=False, charge="a"), AFTER)
    assert execute(run.pk) is RunStatus.SUCCEEDED
    assert (recorder.texts, child_run(other).status) == (["queued"], "queued")
    assert run.steps.get(path="child").outputs["run"] == str(child_run(other).pk)


def test_gives_the_values_that_the_child_has_set(start, recorder):
    rows = [{"name": "total", "type": "number", "value": "42"}]
    other = child({"key": "set", "type": "set_values", "name": "", "inputs": {"values": rows}})
    run = start(runs(other, charge="a"), action("after", text="{{ steps.child.values.total }}"))
    execute(run.pk)
    execute(child_run(other).pk)
    execute(run.pk)
    assert recorder.texts == ["42"]


def test_a_child_that_ends_before_the_run_has_come_to_rest_is_seen(start, monkeypatch):
    other = child()
    run = start(runs(other, charge="a"), AFTER)
    looked = children.wake_if_ended

    def first(key):
        execute(child_run(other).pk)
        looked(key)

    # Its worker looks while the run has not been left: nobody is to be woken yet.
    monkeypatch.setattr(children, "_wake", lambda key: None)
    monkeypatch.setattr("stripeflow.workflows.blocks.child.block.children.wake_if_ended", first)
    execute(run.pk)
    assert fresh(run).due_at > timezone.now()
    monkeypatch.undo()
    children.wake_if_ended(run.steps.get(path="child").idempotency_key)
    assert fresh(run).due_at <= timezone.now()


def test_a_wake_that_was_lost_is_made_good_by_the_time(waiting, monkeypatch):
    run, other = waiting()
    monkeypatch.setattr(children, "_wake", lambda key: None)
    execute(other.pk)
    due = fresh(run).due_at
    assert timedelta() < due - timezone.now() <= timedelta(minutes=1)
    Run.objects.filter(pk=run.pk).update(due_at=timezone.now())
    assert execute(run.pk) is RunStatus.SUCCEEDED


@pytest.mark.parametrize("dies", ["before the start", "after the start"])
def test_a_worker_that_dies_doubles_no_child(start, monkeypatch, dies):
    other = child()
    run = start(runs(other, charge="a"), AFTER)
    whole = addressed.accept_for

    def dying(version, occurrence):
        if dies == "after the start":
            whole(version, occurrence)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(starting, "accept_for", dying)
        with pytest.raises(KeyboardInterrupt):
            execute(run.pk)
    Run.objects.filter(pk=run.pk).update(lease_expires_at=timezone.now() - timedelta(days=1))
    assert execute(run.pk) is RunStatus.WAITING
    execute(child_run(other).pk)
    assert execute(run.pk) is RunStatus.SUCCEEDED
    assert Run.objects.filter(workflow=other).count() == 1


@pytest.mark.parametrize("is_handled", [False, True])
def test_a_child_that_fails(start, recorder, is_handled):
    other = child()
    lane = [action("mend", text="{{ steps.child.error }}")] if is_handled else []
    run = start(runs(other, *lane, charge="a"), AFTER)
    execute(run.pk)
    recorder.then(errors.PermanentError("No.", code="refused"))
    execute(child_run(other).pk)
    execute(run.pk)
    if is_handled:
        assert recorder.texts[1:] == ["No.", "failed"]
    else:
        assert (fresh(run).error["code"], run.state) == ("child_failed", RunStatus.FAILED)
        assert run.error["message"] == "The run of “Child” failed: No."


def test_a_retry_starts_another_child_if_the_first_has_not_acted(start, recorder):
    other = child()
    run = start(runs(other, charge="a"))
    execute(run.pk)
    recorder.then(errors.PermanentError("No."))
    execute(child_run(other).pk)
    execute(run.pk)
    on_runs.retry(fresh(run), NOBODY)
    assert execute(run.pk) is RunStatus.WAITING
    assert Run.objects.filter(workflow=other).count() == 2
    assert StepRun.objects.filter(run=run).values("idempotency_key").distinct().count() == 2


def test_a_child_whose_outcome_is_unknown_is_waited_for(waiting, recorder):
    run, other = waiting(action("one", "test.ask", text="a"))
    recorder.then(errors.UnknownOutcome("Lost."))
    assert execute(other.pk) is RunStatus.OUTCOME_UNKNOWN
    Run.objects.filter(pk=run.pk).update(due_at=timezone.now())
    assert execute(run.pk) is RunStatus.WAITING


def test_to_cancel_a_run_cancels_the_child_for_which_it_waits(waiting):
    run, other = waiting()
    on_runs.cancel(run, NOBODY)
    assert (fresh(other).status, run.steps.get(path="child").status) == ("canceled", "skipped")


def test_a_child_that_is_not_waited_for_goes_its_own_way(start):
    other = child()
    run = start(
        runs(other, wait=False, charge="a"),
        {"key": "w", "type": "wait", "inputs": {"amount": 1, "unit": "days"}},
    )
    execute(run.pk)
    on_runs.cancel(fresh(run), NOBODY)
    assert child_run(other).status == "queued"


def test_a_child_that_a_person_cancels_fails_the_step(waiting, django_capture_on_commit_callbacks):
    run, other = waiting()
    with django_capture_on_commit_callbacks(execute=True):
        on_runs.cancel(other, NOBODY)
    assert execute(run.pk) is RunStatus.FAILED
    assert fresh(run).error["code"] == "child_canceled"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda other: lifecycle.deactivate(other), "child_inactive"),
        (lambda other: _again(other, asks=[{**CHARGE, "name": "other"}]), "child_refused"),
        (lambda other: _again(other, scope={"mode": "live", "accounts": "own"}), "child_refused"),
        (
            lambda other: _again(other, conditions=group(compare("trigger.charge", "equal", "x"))),
            "child_not_started",
        ),
    ],
    ids=["inactive", "other inputs", "another mode", "conditions"],
)
def test_a_child_that_has_changed_since_is_a_clear_error(start, change, code):
    other = child()
    run = start(runs(other, charge="a"))
    change(other)
    assert execute(run.pk) is RunStatus.FAILED
    assert fresh(run).error["code"] == code
    assert "“Child” was not started" in run.error["message"]


def _again(workflow, **trigger):
    kept = workflow.trigger
    if "asks" in trigger:
        kept.settings = {"asks_for": trigger["asks"]}
        workflow.steps.update(inputs={"text": "a"})
    if "scope" in trigger:
        kept.mode, kept.accounts = trigger["scope"]["mode"], trigger["scope"]["accounts"]
    kept.save()
    if "conditions" in trigger:
        from stripeflow.workflows.drafts.rows import write_conditions

        write_conditions(trigger["conditions"]["conditions"], trigger=kept)
    workflow.refresh_from_db()
    lifecycle.activate(workflow)


def test_a_run_of_a_stopped_installation_starts_none(start):
    other = child()
    run = start(runs(other, charge="a"))
    switch.stop(reason="Test.")
    assert execute(run.pk) is RunStatus.HELD
    assert not Run.objects.filter(workflow=other).exists()


@pytest.mark.parametrize(
    ("values", "kind", "held"),
    [
        ({"n": "12"}, "whole_number", {"n": 12}),
        ({"n": "{{ trigger.amount }}"}, "whole_number", {"n": 200_000}),
        ({"n": "1.5"}, "number", {"n": 1.5}),
        ({"n": "true"}, "yes_no", {"n": True}),
        ({"n": "2026-01-31"}, "date", None),
        (
            {"n": "{{ trigger.amount }}", "n_currency": "{{ trigger.currency }}"},
            "amount",
            {"n": 200_000, "n_currency": "usd"},
        ),
    ],
)
def test_values_are_read_by_what_the_child_asks_for(start, values, kind, held):
    other = child(action("one", text="a"), asks=[{"name": "n", "kind": kind, "label": "N"}])
    execute(start(runs(other, **values)).pk)
    found = child_run(other).event.object
    assert found == held if held else isinstance(found["n"], int)


@pytest.mark.parametrize(
    ("values", "codes"),
    [
        ({"charge": "a"}, []),
        ({}, ["input_missing"]),
        ({"charge": "a", "odd": "b"}, ["unknown_input"]),
    ],
)
def test_activation_checks_the_values(values, codes):
    assert _codes(lifecycle.create(document(runs(child(), **values)))) == codes


def _codes(workflow):
    try:
        lifecycle.activate(workflow)
    except DefinitionError as error:
        return [one.code for one in error.problems]
    return []


def test_activation_refuses_a_child_that_cannot_run():
    inactive = lifecycle.create(document(action("one", text="a"), name="Draft"))
    on_event = lifecycle.create(document(action("one", text="a"), name="On event"))
    lifecycle.activate(on_event)
    found = [_codes(lifecycle.create(document(runs(one)))) for one in (inactive, on_event)]
    assert found == [["child_inactive"], ["child_not_on_demand"]]


def test_activation_refuses_a_circle():
    first = child(name="First")
    second = child(runs(first, charge="a"), name="Second")
    made = to_document(first)
    step = runs(second, charge="a")
    from stripeflow.workflows.drafts.rows import replace_rows

    replace_rows(first, {**made, "steps": [step]})
    assert _codes(first) == ["runs_itself"]


def test_a_circle_that_nobody_saw_ends_at_the_depth(settings, start):
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "MAX_CAUSE_DEPTH": 3}
    first = child(name="First")
    second = child(runs(first, charge="a"), name="Second")
    document_of = first.active_version.document
    type(first.active_version).objects.filter(pk=first.active_version.pk).update(
        document={**document_of, "steps": [runs(second, charge="a")]}
    )
    run = start(runs(second, charge="a"))
    execute(run.pk)
    while queued := Run.objects.filter(status="queued").first():
        execute(queued.pk)
    assert Run.objects.order_by("-depth").first().depth == 3
    assert Run.objects.filter(error__code="child_not_started").exists()


def test_what_the_child_does_needs_the_permission_for_it(money):
    other = child(money, asks=())
    outer = child(runs(other), asks=(), name="Outer")
    assert moves_money(document(runs(outer)))
    assert not moves_money(document(runs(child(name="Harmless"), charge="a")))
    assert changes_customers(document(runs(other))) == changes_customers(document(money))


def test_a_dry_run_says_what_would_start(admin_client):
    workflow = lifecycle.create(document(runs(child(), charge="{{ trigger.id }}"), AFTER))
    found = rehearse_sample(script_of(workflow)).found
    assert (found.end, found.steps[0].state) == ("open", "would_run")
    assert found.steps[0].inputs["values"][0]["value"].startswith("pi_")
    page = admin_client.get(address(workflow)).content.decode()
    assert "Run “Child”" in page


def test_is_exported_as_it_was_imported():
    made = document(runs(child(), action("mend", text="a"), charge="a"))
    assert to_document(lifecycle.create(made)) == made


@pytest.mark.parametrize("text", ["7", "0: Child", "x: Child", 7, None])
def test_a_reference_has_an_id_and_a_name(text):
    assert reference_in(text) is None


def test_the_pages_and_the_api_link_both_runs(waiting, admin_client, admin_user, settings):
    run, other = waiting()
    assert str(other.pk) in admin_client.get(address(run)).content.decode()
    assert str(run.pk) in admin_client.get(address(other)).content.decode()
    settings.ROOT_URLCONF = "tests.workflows.api.urls"
    found = [Api(admin_user).get(f"runs/{one.pk}/").json() for one in (run, other)]
    assert [one["started_runs"] for one in found] == [[str(other.pk)], []]
    assert [one["caused_by"] for one in found] == [None, str(run.pk)]


def test_the_form_offers_workflows_and_keeps_one_that_is_gone(admin_client):
    other = child()
    workflow = lifecycle.create(document(runs(other, charge="a")))
    page = address(workflow.steps.get())
    assert f"{other.pk}: Child" in admin_client.get(page).content.decode()
    workflow.steps.update(inputs={"workflow": "999999: Gone"})
    assert "999999: Gone" in admin_client.get(page).content.decode()


def test_a_retry_goes_on_with_a_child_that_a_person_has_let_go_on(start, recorder):
    other = child(action("one", text="a"), action("two", text="b"))
    run = start(runs(other, charge="a"))
    execute(run.pk)
    recorder.then(dict, errors.PermanentError("No."))
    execute(child_run(other).pk)
    execute(run.pk)
    on_runs.retry(child_run(other), NOBODY)
    execute(child_run(other).pk)
    on_runs.retry(fresh(run), NOBODY)
    assert execute(run.pk) is RunStatus.SUCCEEDED
    assert recorder.texts == ["a", "b", "b"]
    assert Run.objects.filter(workflow=other).count() == 1


def test_a_retry_starts_no_other_child_after_one_that_acted(start, recorder):
    other = child(action("one", text="a"), action("two", text="b"))
    run = start(runs(other, charge="a"))
    execute(run.pk)
    recorder.then(dict, errors.PermanentError("No."))
    execute(child_run(other).pk)
    execute(run.pk)
    on_runs.retry(fresh(run), NOBODY)
    assert execute(run.pk) is RunStatus.FAILED
    assert (fresh(run).error["code"], recorder.texts) == ("child_acted", ["a", "b"])
    on_runs.retry(child_run(other), NOBODY)
    execute(child_run(other).pk)
    on_runs.retry(fresh(run), NOBODY)
    assert execute(run.pk) is RunStatus.SUCCEEDED
    assert recorder.texts == ["a", "b", "b"]


def test_none_starts_for_a_run_that_is_canceled_just_before(start, monkeypatch):
    other = child()
    run = start(runs(other, charge="a"))

    def canceled(_call):
        on_runs.cancel(fresh(run), NOBODY)

    monkeypatch.setattr(starting, "_event_of", canceled)
    assert execute(run.pk) is RunStatus.RUNNING
    assert fresh(run).status == "canceled"
    assert not Run.objects.filter(workflow=other).exists()


def test_a_key_deep_inside_of_loops_fits_its_column(start):
    step = runs(child(), key="c" * 60, charge="a")
    inner = loop(step, key="b" * 60, over="{{ item.rows }}")
    row = {"id": "r" * 40, "rows": [{"id": "s" * 40}]}
    run = start(loop(inner, key="a" * 60), obj=holding(row))
    assert execute(run.pk) is RunStatus.WAITING
    assert len(run.steps.get(step_key="c" * 60).idempotency_key) <= WIDTH


def test_a_child_is_as_old_as_the_event_that_began_it_all(waiting):
    run, other = waiting()
    run.event.created -= timedelta(days=3)
    run.event.save()
    assert looking_up._may_be_forgotten(other)
    other.event.request_idempotency_key = ""
    assert not looking_up._may_be_forgotten(other)


def test_a_restored_backup_leaves_a_child_ahead_to_a_person(start):
    run = start(runs(child(), charge="a"))
    assert restoring.hold() == 1
    assert fresh(run).held_reason == "restored"
