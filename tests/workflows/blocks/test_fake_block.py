"""A block that only a test registers does all that ours do, with no other edit."""

from datetime import timedelta

import pytest
from django.utils import timezone

from stripeflow.actions.inputs import StringInput
from stripeflow.workflows.api.secrets import masked_definition
from stripeflow.workflows.audit.acts import NOBODY
from stripeflow.workflows.definition.problems import DefinitionError
from stripeflow.workflows.definition.schema import check_structure
from stripeflow.workflows.definition.validation import moves_money, validate
from stripeflow.workflows.definition.walk import steps
from stripeflow.workflows.display.outline import outline, rows_of
from stripeflow.workflows.drafts import arrange
from stripeflow.workflows.drafts.copying import with_fresh_keys
from stripeflow.workflows.drafts.moving import duplicate, relocate
from stripeflow.workflows.drafts.rows import to_document
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.engine.frames import Next
from stripeflow.workflows.history.counts import Range, counts_of
from stripeflow.workflows.history.difference import changes
from stripeflow.workflows.history.page import RunPage
from stripeflow.workflows.models import Run, StepRun
from stripeflow.workflows.operations import lifecycle, on_runs
from stripeflow.workflows.rehearsal.drafts import script_of
from stripeflow.workflows.rehearsal.trials import rehearse_sample
from stripeflow.workflows.states import RunStatus
from tests.workflows.blocks.fake import Pause, Section, pause, section
from tests.workflows.documents import action, document

pytestmark = pytest.mark.django_db

STEPS = (section("part", action("inside", text="{{ steps.part.heading }}")), action("last", text="b"))


@pytest.fixture(autouse=True)
def _recorder(recorder):
    return recorder


def recorded(run):
    return [(row.path, row.kind, row.status, row.branch_key) for row in run.steps.all()]


def wake(run):
    """The time of a waiting run is up."""
    now = timezone.now()
    run.steps.update(due_at=now)
    Run.objects.filter(pk=run.pk).update(due_at=now)


def test_it_is_saved_as_it_was_written_and_validated():
    wanted = document(*STEPS)
    workflow = lifecycle.create(wanted)
    assert to_document(workflow)["steps"] == wanted["steps"]
    assert validate(wanted).problems.errors == ()


def test_what_its_schema_does_not_have_is_refused():
    with pytest.raises(DefinitionError):
        check_structure(document({**section("part"), "retry": {}}))


def test_its_settings_are_checked():
    [problem] = validate(document(section("part", action("a", text="b"), heading=""))).problems.errors
    assert (problem.step, problem.field) == ("part", "heading")


def test_it_runs_with_the_steps_of_its_lane(finish, recorder):
    run = finish(*STEPS)
    assert recorder.texts == ["Large payments", "b"]
    assert run.status == RunStatus.SUCCEEDED
    assert recorded(run) == [
        ("part", "section", "succeeded", "body"),
        ("inside", "action", "succeeded", ""),
        ("last", "action", "succeeded", ""),
    ]


def test_a_recorded_one_is_not_asked_again(start, recorder, monkeypatch):
    def die():
        raise KeyboardInterrupt

    run = start(*STEPS)
    recorder.then(die)
    with pytest.raises(KeyboardInterrupt):
        execute(run.pk)
    Run.objects.filter(pk=run.pk).update(lease_expires_at=timezone.now() - timedelta(seconds=1))
    monkeypatch.setattr(Section, "act", lambda *args, **options: 1 / 0)
    execute(run.pk)
    assert StepRun.objects.filter(run=run, path="part").count() == 1


def test_one_that_fails_stops_the_run_and_is_tried_again_by_a_person(finish, recorder, monkeypatch):
    run = finish(section("part", action("inside", text="a"), heading="bad"))
    assert (run.status, run.error["code"], run.error["step"]) == (RunStatus.FAILED, "bad_heading", "part")
    monkeypatch.setattr(Section, "refused", "")
    on_runs.retry(run, NOBODY)
    execute(run.pk)
    run.refresh_from_db()
    assert run.status == RunStatus.SUCCEEDED
    assert recorder.texts == ["a"]


def test_one_that_waits_leaves_the_run_until_it_is_due(finish, recorder, monkeypatch):
    run = finish(pause("pause"), action("after", text="a"))
    assert run.status == RunStatus.WAITING
    assert run.due_at > timezone.now()
    assert recorded(run) == [("pause", "pause", "waiting", "")]
    monkeypatch.setattr(Pause, "seconds", 0)
    wake(run)
    execute(run.pk)
    run.refresh_from_db()
    assert run.status == RunStatus.SUCCEEDED
    assert recorded(run) == [("pause", "pause", "succeeded", ""), ("after", "action", "succeeded", "")]


def test_one_that_waits_is_not_asked_again_before_it_is_due(finish, monkeypatch):
    run = finish(pause("pause"))
    due = run.due_at
    monkeypatch.setattr(Pause, "act", lambda *args, **options: 1 / 0)
    Run.objects.filter(pk=run.pk).update(status=RunStatus.QUEUED, due_at=None)
    execute(run.pk)
    run.refresh_from_db()
    assert (run.status, run.due_at, run.steps.get().due_at) == (RunStatus.WAITING, due, due)


def test_one_that_is_due_may_wait_once_more(finish, monkeypatch):
    run = finish(pause("pause"))
    monkeypatch.setattr(Pause, "seconds", 3600)
    wake(run)
    execute(run.pk)
    run.refresh_from_db()
    row = run.steps.get()
    assert (run.status, row.due_at) == (RunStatus.WAITING, row.started_at + timedelta(hours=1))
    assert run.due_at == row.due_at


def test_one_that_has_waited_goes_on_with_the_inputs_that_it_had(finish, monkeypatch):
    monkeypatch.setattr(Pause, "inputs", (StringInput("why", label="Why"),))
    seen = []
    run = finish({**pause("pause"), "inputs": {"why": "{{ trigger.id }}"}})
    monkeypatch.setattr(Pause, "act", lambda self, plan, inputs, **rest: seen.append(inputs) or Next())
    StepRun.objects.filter(run=run).update(inputs={"why": "as before"})
    wake(run)
    execute(run.pk)
    assert seen == [{"why": "as before"}]


def test_it_is_rehearsed_with_the_steps_inside():
    trial = rehearse_sample(script_of(lifecycle.create(document(*STEPS))))
    part, last = trial.found.steps
    assert (part.kind, part.state, part.lanes[0].state) == ("section", "would_run", "taken")
    assert part.inputs == {"heading": "Large payments"}
    assert part.lanes[0].steps[0].depends_on == ("part",)
    assert last.state == "would_run"


def test_it_is_drawn_with_its_lane_and_what_it_says():
    workflow = lifecycle.create(document(*STEPS))
    card = outline(to_document(workflow), rows=rows_of(workflow)).cards[0]
    assert (card.label, card.title, card.missing) == ("Section", "Section", False)
    assert [(way.label, len(way.cards)) for way in card.ways] == [("In the section", 1)]
    assert [line.text for line in card.lines] == ["Large payments"]


def test_it_is_masked_and_copied_with_what_is_inside():
    assert [place.step["key"] for place in steps(masked_definition(document(*STEPS)))] == [
        *("part", "inside", "last")
    ]
    copy = with_fresh_keys(STEPS[0], {"part", "inside"})
    assert copy["key"] == "part_2"
    inside = copy["branches"][0]["steps"][0]
    assert (inside["key"], inside["inputs"]["text"]) == ("inside_2", "{{ steps.part_2.heading }}")


def test_it_is_added_duplicated_moved_and_deleted():
    workflow = lifecycle.create(document(action("last", text="b")))
    row = arrange.add_block(workflow, None, 0, "section")
    assert [lane.key for lane in row.branches.all()] == ["body"]
    relocate(workflow.steps.get(key="last"), branch=row.branches.get(), position=0)
    duplicate(row)
    assert [place.step["key"] for place in steps(to_document(workflow))] == [
        *("section", "last"),
        *("section_2", "last_2"),
    ]
    arrange.remove(row)
    assert [place.step["key"] for place in steps(to_document(workflow))] == ["section_2", "last_2"]


def test_it_is_compared_by_its_settings():
    other = document(section("part", *STEPS[0]["branches"][0]["steps"], heading="Small ones"), STEPS[1])
    [change] = changes(document(*STEPS), other)
    assert (change.about, change.before, change.after) == ("Section: Heading", "Large payments", "Small ones")


def test_what_is_inside_counts_for_what_may_move_money(money):
    assert moves_money(document(section("part", money)))
    assert not moves_money(document(*STEPS[:1]))


def test_it_is_shown_in_the_history_and_counted(finish):
    run = finish(*STEPS)
    page = RunPage(run, payloads=True)
    assert page.path.steps["part"].status == "succeeded"
    assert page.path.ways["part", "body"].state == "taken"
    assert page.path.steps["inside"].status == "succeeded"
    counts = counts_of(run.version, Range.ALL)
    assert counts.steps["part"] == {"succeeded": 1}
