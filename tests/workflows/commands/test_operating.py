"""The commands that operate runs, pauses and the kill switch."""

from io import StringIO
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command

from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.limits import switch
from stripeflow.workflows.operations.resolving import mark_of
from tests.workflows import waiting_runs as states
from tests.workflows.blocks.waits.steps import wait
from tests.workflows.documents import action

pytestmark = pytest.mark.django_db

ONE, TWO = action("one", "test.ask", text="a"), action("two", text="{{ steps.one.text }}")


@pytest.fixture(autouse=True)
def _fresh():
    switch.forget()
    yield
    switch.forget()


@pytest.fixture
def make_run(start):
    def make_run(*steps, executed=False, **options):
        assert not executed
        return start(*steps, **options)

    return make_run


@pytest.fixture
def failed(make_run, recorder):
    return states.failed(make_run, recorder, ONE, TWO)


@pytest.fixture
def unknown(make_run, recorder):
    return states.unknown(make_run, recorder, ONE, TWO)


def called(*arguments):
    out = StringIO()
    call_command(*map(str, arguments), stdout=out, stderr=out)
    return out.getvalue()


def status(run):
    run.refresh_from_db()
    return run.status


def test_retries_a_run_and_keeps_the_note(failed):
    assert f"{failed.pk}  queued" in called("stripeflow_run", "retry", failed.pk, "--note", "Mended.")
    assert [(one.kind, one.note, one.user) for one in failed.operations.all()] == [("retry", "Mended.", None)]


def test_cancels_and_releases(make_run):
    waits, held = make_run(ONE), states.held(make_run, ONE)
    called("stripeflow_run", "cancel", waits.pk)
    called("stripeflow_run", "release", held.pk)
    assert (status(waits), status(held)) == ("canceled", "queued")


def test_ends_a_wait(make_run, recorder):
    run = make_run(wait(), action("after", text="a"))
    execute(run.pk)
    assert f"{run.pk}  waiting" in called("stripeflow_run", "wake", run.pk, "--note", "Paid by hand.")
    execute(run.pk)
    assert recorder.texts == ["a"]
    assert [(one.kind, one.note) for one in run.operations.all()] == [("wake", "Paid by hand.")]


def test_a_wait_that_began_since_is_not_ended(make_run):
    run = make_run(wait())
    execute(run.pk)
    with pytest.raises(CommandError, match="1 of 1 runs"):
        called("stripeflow_run", "wake", run.pk, "--seen-at", "2026-01-01T12:00:00Z")
    assert run.operations.count() == 0


@pytest.mark.parametrize("said", ["yesterday", "2026-01-01T12:00:00", "2026-13-01T12:00:00Z"])
def test_when_somebody_looked_is_a_moment(make_run, said):
    with pytest.raises(CommandError, match="--seen-at"):
        called("stripeflow_run", "wake", make_run(ONE).pk, "--seen-at", said)


def test_what_cannot_be_done_twice_needs_no_look(make_run):
    with pytest.raises(CommandError, match="--seen-at belongs to"):
        called("stripeflow_run", "cancel", make_run(ONE).pk, "--seen-at", "2026-01-01T12:00:00Z")


@pytest.mark.parametrize("verb", ["restart", "rerun"])
def test_names_the_new_run(failed, verb):
    assert called("stripeflow_run", verb, failed.pk).strip().endswith(str(failed.reruns.get().pk))


def test_does_what_can_be_done_and_fails_for_the_rest(failed, make_run):
    waits = make_run(ONE)
    with pytest.raises(CommandError, match="2 of 3 runs"):
        called("stripeflow_run", "retry", UUID(int=1), waits.pk, failed.pk)
    assert (status(waits), status(failed)) == ("queued", "queued")
    assert failed.operations.count() == 1


def test_resolves_an_unknown_outcome(unknown, recorder):
    given = ("--outcome", "happened", "--outputs", '{"text": "told"}')
    seen = mark_of(unknown)
    called("stripeflow_run", "resolve", seen, *given)
    execute(unknown.pk)
    assert recorder.texts == ["a", "told"]
    with pytest.raises(CommandError):
        called("stripeflow_run", "resolve", seen, *given)


def test_names_what_is_unknown_and_what_it_is_resolved_with(unknown, failed):
    told = called("stripeflow_run", "resolve", unknown.pk)
    assert told.startswith(f"{mark_of(unknown)}  {unknown.workflow.name} (v1), {unknown.event.external_id}")
    step = unknown.steps.get(status="outcome_unknown")
    for shown in (step.idempotency_key, step.error["message"], f"resolve {mark_of(unknown)} --outcome "):
        assert shown in told
    with pytest.raises(CommandError, match=f"no unknown outcome: {failed.pk}"):
        called("stripeflow_run", "resolve", unknown.pk, failed.pk)
    called("stripeflow_run", "resolve", told.split()[0], "--outcome", "again")
    assert status(unknown) == "queued"


def test_an_outcome_that_was_resolved_since_it_was_named_is_left_alone(unknown, make_run, recorder):
    old, other = mark_of(unknown), mark_of(states.unknown(make_run, recorder, ONE))
    called("stripeflow_run", "resolve", old, "--outcome", "again")
    execute(unknown.pk)
    states.lose_answer(unknown, "one")
    with pytest.raises(CommandError, match="1 of 2 runs"):
        called("stripeflow_run", "resolve", old, other, "--outcome", "again")
    assert (status(unknown), unknown.operations.count()) == ("outcome_unknown", 1)


def test_of_many_unknown_outcomes_those_that_need_outputs_are_left(unknown, make_run, recorder):
    alone = states.unknown(make_run, recorder, ONE)
    with pytest.raises(CommandError, match="1 of 2 runs"):
        called("stripeflow_run", "resolve", mark_of(alone), mark_of(unknown), "--outcome", "happened")
    assert (status(alone), status(unknown)) == ("queued", "outcome_unknown")
    called("stripeflow_run", "resolve", mark_of(unknown), "--outcome", "happened")
    assert status(unknown) == "queued"


@pytest.mark.parametrize(
    "arguments",
    [
        ("resolve", "{id}", "--outcome", "again"),
        ("resolve", "{id}:", "--outcome", "again"),
        ("resolve", "{id}:new", "--outcome", "again"),
        ("resolve", "{id}:0", "--outcome", "again"),
        ("resolve", "{mark}", "--outputs", "{{}}"),
        ("resolve", "{mark}", "--outcome", "perhaps"),
        ("resolve", "{mark}", "--outcome", "again", "--outputs", "{{}}"),
        ("resolve", "{mark}", "--outcome", "happened", "--outputs", "[]"),
        ("resolve", "{mark}", "--outcome", "happened", "--outputs", "{{"),
        ("cancel", "{mark}"),
        ("retry", "{id}", "--outcome", "again"),
        ("retry", "1"),
        ("rename", "{id}"),
    ],
)
def test_what_is_not_said_clearly_changes_nothing(unknown, arguments):
    with pytest.raises(CommandError):
        called("stripeflow_run", *(one.format(id=unknown.pk, mark=mark_of(unknown)) for one in arguments))
    assert (status(unknown), unknown.operations.count()) == ("outcome_unknown", 0)


def test_stops_everything_and_starts_it_again(make_run):
    run = make_run(ONE)
    assert "not stopped" in called("stripeflow_switch", "show")
    called("stripeflow_switch", "stop", "--reason", "Wrong.")
    execute(run.pk)
    shown = called("stripeflow_switch", "show")
    assert "Wrong." in shown
    assert "1 runs are held" in shown
    with pytest.raises(CommandError, match="already"):
        called("stripeflow_switch", "stop")
    assert "1 held runs" in called("stripeflow_switch", "start")
    with pytest.raises(CommandError, match="not stopped"):
        called("stripeflow_switch", "start")
    assert status(run) == "queued"


def test_pauses_and_resumes_a_workflow(make_run):
    run = make_run(ONE)
    called("stripeflow_pause", run.workflow_id, "--reason", "To look.")
    run.workflow.refresh_from_db()
    assert run.workflow.paused_reason == "To look."
    with pytest.raises(CommandError, match="already"):
        called("stripeflow_pause", run.workflow_id)
    execute(run.pk)
    assert "1 held runs" in called("stripeflow_pause", run.workflow_id, "--resume")
    with pytest.raises(CommandError, match="not paused"):
        called("stripeflow_pause", run.workflow_id, "--resume")


def test_a_workflow_that_there_is_not_is_not_paused():
    with pytest.raises(CommandError, match="no workflow"):
        called("stripeflow_pause", 7)


@pytest.fixture
def undecided(make_run, money):
    return states.undecided(make_run, grave=money)


def test_the_branches_of_an_undecided_run_are_named(undecided):
    text = called("stripeflow_run", "choose", undecided.pk)
    assert "Branch   If amount is greater than $15.00 USD\n" in text
    assert "Unknown: Amount was €5,000.00 EUR, which cannot be compared with an amount in USD." in text
    assert "Branch   All other cases (cannot be undone)" in text
    assert f"stripeflow_run choose {mark_of(undecided)} --branch otherwise" in text
    assert status(undecided) == "held"


def test_it_goes_on_down_the_branch_that_is_chosen(undecided, recorder):
    text = called("stripeflow_run", "choose", mark_of(undecided), "--branch", "large", "--note", "It is.")
    assert f"{undecided.pk}  queued" in text
    execute(undecided.pk)
    assert recorder.texts == ["ask"]
    (done,) = undecided.operations.all()
    assert (done.kind, done.branch, done.note, done.user) == ("choose", "large", "It is.", None)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["choose", "{id}", "--branch", "large"], "ID:REVISION"),
        (["choose", "{mark}", "--branch", "larg"], "could not be done"),
        (["release", "{mark}"], "Revisions belong"),
        (["release", "{id}", "--branch", "large"], "--branch belongs to choose"),
        (["choose", "{id}", "--outcome", "again"], "belong to resolve"),
        (["release", "{id}"], "could not be done"),
    ],
)
def test_what_does_not_choose_leaves_it_held(undecided, arguments, complaint):
    filled = [one.format(id=undecided.pk, mark=mark_of(undecided)) for one in arguments]
    with pytest.raises(CommandError, match=complaint):
        called("stripeflow_run", *filled)
    assert status(undecided) == "held"


def test_a_run_that_is_not_undecided_has_no_branches_to_name(failed):
    with pytest.raises(CommandError, match="not undecided"):
        called("stripeflow_run", "choose", failed.pk)
