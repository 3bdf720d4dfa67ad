"""Values that older versions kept in clear are moved into secrets, and never come back into a draft."""

from contextlib import contextmanager

import pytest
from django.apps import apps
from django.core.checks import run_checks
from django.db import connection
from django.utils import timezone

from stripeflow.actions import errors, registry
from stripeflow.actions.inputs import StringInput
from stripeflow.workflows.credentials import named_secrets, secret_adoption, secret_changes
from stripeflow.workflows.drafts import editing
from stripeflow.workflows.drafts.editing import SecretInClear
from stripeflow.workflows.drafts.moving import insert_copy
from stripeflow.workflows.drafts.rows import to_document
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.models import AuditEntry, Edit, Run, Secret, StepRun, Workflow
from stripeflow.workflows.operations import lifecycle
from stripeflow.workflows.states import RunStatus
from stripeflow.workflows.versions.plans import forget_plans, plan_of
from tests.workflows.documents import action, branch, document, failing
from tests.workflows.recording import recording_action

pytestmark = pytest.mark.django_db

VALUE = "sword fish & chips"
NAMED = {"secret": "test-workflow-password"}


def fields(*, secret):
    return (
        StringInput("text", label="Password", secret=secret),
        StringInput("other", label="Other", secret=secret),
    )


@pytest.fixture
def kind(recorder):
    """The action `test.secret`, whose inputs are secret."""
    kind = recording_action(recorder, key="test.secret")
    kind.inputs = fields(secret=True)
    with registry.temporarily(kind):
        yield kind


@pytest.fixture
def before(kind):
    """Within it the inputs are not secret yet, so that they are kept as older versions kept all."""

    @contextmanager
    def before():
        kind.inputs = fields(secret=False)
        try:
            yield
        finally:
            kind.inputs = fields(secret=True)

    return before


def step(key="one", text=VALUE, **inputs):
    return action(key, "test.secret", text=text, **inputs)


@pytest.fixture
def old(before, finish):
    """A workflow of before, with a version, undo copies, and a run, all of which hold the value."""
    with before():
        run = finish(failing(step(), branch("fork", otherwise=(step("two"),))))
        workflow = run.workflow
        shorter = document(step())
        editing.update(workflow, shorter, revision=workflow.revision)
        editing.update(workflow, document(step(), name="Other name"), revision=workflow.revision)
        editing.undo(workflow, revision=workflow.revision)
    workflow.refresh_from_db()
    return workflow


def kept():
    """Every row of every table, as text."""
    for model in apps.get_models():
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(model._meta.db_table)}")
            yield from map(str, cursor.fetchall())


def told():
    found = run_checks(tags=["database"], databases=["default"])
    return [one.msg for one in found if one.id == "stripeflow.W012"]


def test_the_value_is_nowhere_afterwards(old):
    assert VALUE in "".join(kept())
    (done,) = secret_adoption.adopt()
    assert VALUE not in "".join(kept())
    assert done.rows == {"steps": 1, "versions": 1, "undo_copies": 2, "step_runs": 1}
    assert (done.secrets, done.left) == (["test-workflow-password"], set())
    assert named_secrets.value_of("test-workflow-password") == VALUE
    assert to_document(old)["steps"][0]["inputs"] == {"text": NAMED}
    assert StepRun.objects.get().inputs["text"] == NAMED


def test_each_workflow_leaves_one_row_of_the_audit_log(old):
    last = AuditEntry.objects.latest("pk").pk
    secret_adoption.adopt()
    (row,) = AuditEntry.objects.filter(pk__gt=last)
    assert (row.kind, row.workflow_id) == ("workflow.secrets_adopted", old.pk)
    assert row.after["secrets"] == ["test-workflow-password"]


def test_what_was_adopted_is_not_touched_again(old):
    secret_adoption.adopt()
    before = list(kept())
    assert secret_adoption.adopt() == []
    assert list(kept()) == before


def test_a_dry_run_tells_the_same_and_moves_nothing(old):
    before = list(kept())
    (tried,) = secret_adoption.adopt(dry_run=True)
    assert list(kept()) == before
    assert [tried] == secret_adoption.adopt()


def test_a_short_value_is_moved_too(before, kind):
    with before():
        lifecycle.create(document(step(text="sword")))
    (done,) = secret_adoption.adopt()
    assert (done.secrets, done.left) == (["test-workflow-password"], set())
    assert named_secrets.value_of("test-workflow-password") == "sword"


def test_the_same_value_has_one_secret_also_one_that_was_there(before, kind):
    secret_changes.store("sword", VALUE)
    with before():
        first = lifecycle.create(document(step(), step("two", "another", other=VALUE), name="First"))
        second = lifecycle.create(document(step("one", "another"), name="Second"))
    secret_adoption.adopt()
    assert set(Secret.objects.values_list("name", flat=True)) == {"sword", "first-password"}
    assert [one["inputs"] for one in to_document(first)["steps"]] == [
        {"text": {"secret": "sword"}},
        {"text": {"secret": "first-password"}, "other": {"secret": "sword"}},
    ]
    assert to_document(second)["steps"][0]["inputs"] == {"text": {"secret": "first-password"}}


def test_no_other_process_goes_on_with_a_plan_of_before(before, start, recorder, monkeypatch):
    monkeypatch.setattr(secret_adoption, "forget_plans", lambda: None)
    with before():
        run = start(step())
    forget_plans()
    version = run.version_id
    assert plan_of(version).steps[0].inputs == {"text": VALUE}
    secret_adoption.adopt()
    assert plan_of(version).steps[0].inputs == {"text": NAMED}
    assert execute(run.pk) is RunStatus.SUCCEEDED
    assert recorder.texts == [VALUE]
    assert VALUE not in "".join(kept())


def test_a_repeat_is_sent_the_same_value_under_the_same_key(before, start, recorder):
    with before():
        run = start(step())
    recorder.then(errors.TransientError("Later."))
    execute(run.pk)
    secret_adoption.adopt()
    Run.objects.update(due_at=timezone.now())
    assert execute(run.pk) is RunStatus.SUCCEEDED
    assert recorder.texts == [VALUE, VALUE]
    assert len(set(recorder.keys)) == 1


def test_the_error_of_a_step_and_of_its_run_lose_the_value(before, start, recorder):
    with before():
        run = start(step())
        recorder.then(errors.PermanentError(f"It refused {VALUE!r}.", details={"sent": VALUE}))
        execute(run.pk)
    assert VALUE in "".join(kept())
    secret_adoption.adopt()
    assert VALUE not in "".join(kept())


def test_a_step_that_a_worker_takes_further_meanwhile_is_left_for_the_next_time(old, monkeypatch):
    named = secret_adoption.AdoptedValues.named

    def taken(self, *given, rendered=False):
        if rendered:
            StepRun.objects.update(attempts=7)
        return named(self, *given, rendered=rendered)

    monkeypatch.setattr(secret_adoption.AdoptedValues, "named", taken)
    (done,) = secret_adoption.adopt()
    assert (done.step_runs, done.left) == (0, {"Record › Password", "Record › Other"})
    (done,) = secret_adoption.adopt()
    assert (done.step_runs, done.left) == (1, set())


@pytest.mark.parametrize("value", ["Bearer {{ trigger.id }}", "x" * 10_001, ["a"]])
def test_what_no_secret_can_have_is_left_and_reported_by_titles(kind, value):
    workflow = lifecycle.create(document(step(text=NAMED)))
    workflow.steps.update(inputs={"text": value})
    (done,) = secret_adoption.adopt()
    assert (done.rows["steps"], done.left) == (0, {"Record › Password"})
    assert workflow.steps.get().inputs == {"text": value}
    assert len(told()) == 1


def test_a_text_that_only_refers_to_the_event_holds_no_value(kind):
    workflow = lifecycle.create(document(step(text=NAMED)))
    workflow.steps.update(inputs={"text": "{{ trigger.id }}"})
    assert (secret_adoption.adopt(), told()) == ([], [])


def test_a_title_without_latin_letters_gives_a_name_too(before):
    with before():
        lifecycle.create(document(step(), name="返金"))
    (done,) = secret_adoption.adopt()
    assert (done.title, done.secrets) == ("返金", ["password"])


def test_a_lost_secret_is_not_given_the_value(before, kind):
    lifecycle.create(document(step(text={"secret": "test-workflow-password"}), name="Other"))
    with before():
        lifecycle.create(document(step()))
    (done,) = secret_adoption.adopt()
    assert done.secrets == ["test-workflow-password-2"]


def test_an_open_editor_is_notified_that_the_draft_has_changed(old):
    secret_adoption.adopt()
    with pytest.raises(editing.RevisionConflict):
        editing.undo(old, revision=old.revision)


def test_undo_and_redo_work_on_after_it_and_activate(old):
    secret_adoption.adopt()
    old.refresh_from_db()
    editing.undo(old, revision=old.revision)
    assert len(to_document(old)["steps"][0]["error_branch"]["steps"]) == 1
    editing.redo(old, revision=old.revision)
    lifecycle.activate(old)
    assert VALUE not in "".join(kept())


def test_a_check_counts_the_rows_until_they_are_adopted(old):
    (said,) = told()
    assert said.endswith("Rows in drafts: 1, runs: 1, versions: 1, undo copies: 2.")
    secret_adoption.adopt()
    assert told() == []


def test_without_secret_inputs_the_check_asks_the_database_nothing(recorder, django_assert_num_queries):
    from stripeflow.workflows.checks.secret_checks import check_clear_secrets

    with django_assert_num_queries(0):
        assert check_clear_secrets(None, databases=["default"]) == []


# A value in clear never comes into a draft.


@pytest.fixture
def clean(before, finish):
    """A workflow whose draft holds no value, and whose version and undo copy do."""
    with before():
        workflow = finish(step()).workflow
        editing.update(workflow, document(action("one", text="a")), revision=workflow.revision)
    workflow.refresh_from_db()
    return workflow


DOORS = {
    "undo": lambda workflow: editing.undo(workflow, revision=workflow.revision),
    "back": lambda workflow: editing.go_back(workflow, workflow.versions.get(), revision=workflow.revision),
    "paste": lambda workflow: _paste(workflow),
}


def _paste(workflow):
    with editing.editing(workflow, revision=workflow.revision):
        insert_copy(workflow, step("new"), branch=None, position=0)


@pytest.mark.parametrize("door", DOORS)
def test_no_door_brings_a_value_back(clean, door):
    with pytest.raises(SecretInClear, match="stripeflow_secrets adopt") as caught:
        DOORS[door](clean)
    assert "Record" in str(caught.value)
    assert VALUE not in str(caught.value)
    assert to_document(Workflow.objects.get(pk=clean.pk))["steps"][0]["inputs"] == {"text": "a"}


@pytest.mark.parametrize("door", ["undo", "back"])
def test_once_it_is_adopted_each_door_brings_the_name(clean, door):
    secret_adoption.adopt()
    DOORS[door](clean)
    assert to_document(clean)["steps"][0]["inputs"] == {"text": NAMED}


def test_redo_is_refused_too(old):
    Edit.objects.filter(is_undone=False).delete()
    with pytest.raises(SecretInClear):
        editing.redo(old, revision=old.revision)


def test_a_draft_that_holds_a_value_is_not_duplicated_and_may_be_changed_otherwise(old):
    with pytest.raises(SecretInClear):
        lifecycle.duplicate(old)
    with editing.editing(old, revision=old.revision):
        insert_copy(old, action("new", text="a"), branch=None, position=0)
    assert old.steps.count() == 2
