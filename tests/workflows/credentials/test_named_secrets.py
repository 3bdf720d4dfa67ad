"""A step names a secret; its value reaches the call, and no row, log line or page."""

import logging
from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from django.apps import apps
from django.db import connection
from django.utils import timezone

from stripeflow.actions import errors, registry
from stripeflow.actions.inputs import StringInput
from stripeflow.actions.look_up import Found
from stripeflow.triggers.log_redaction import RedactingFilter
from stripeflow.workflows.credentials import named_secrets, secret_changes
from stripeflow.workflows.definition.problems import DefinitionError
from stripeflow.workflows.drafts import editing
from stripeflow.workflows.drafts.rows import to_document
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.models import Run, Secret
from stripeflow.workflows.operations import lifecycle
from stripeflow.workflows.states import RunStatus, StepStatus
from tests.workflows.documents import action, branch, document, failing
from tests.workflows.recording import recording_action

pytestmark = pytest.mark.django_db

VALUE = "sword fish & chips"
NAMED = {"secret": "sword"}


@pytest.fixture
def kind(recorder):
    """The action `test.secret`, whose text is secret."""
    kind = recording_action(recorder, key="test.secret")
    kind.inputs = (StringInput("text", label="Password", secret=True),)
    with registry.temporarily(kind):
        yield kind


@pytest.fixture
def secret(kind):
    return secret_changes.store("sword", VALUE)


def step(key="one", text=NAMED):
    return action(key, "test.secret", text=text)


def kept():
    """Every row of every table, as text."""
    for model in apps.get_models():
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(model._meta.db_table)}")
            yield from map(str, cursor.fetchall())


def test_the_call_is_given_the_value_and_rows_keep_the_name(secret, finish, recorder):
    run = finish(step())
    assert run.status == RunStatus.SUCCEEDED
    assert recorder.texts == [VALUE]
    assert run.steps.get().inputs == {"text": NAMED}
    assert to_document(run.workflow)["steps"][0]["inputs"] == run.version.document["steps"][0]["inputs"]
    assert VALUE not in "".join(kept())


def test_what_an_action_gives_back_is_kept_without_the_value(secret, finish, recorder):
    recorder.then(lambda: {"text": "a", "deep": [{"b": f"<{VALUE}>"}], "n": 7})
    assert finish(step()).steps.get().outputs == {"text": "a", "deep": [{"b": "<…>"}], "n": 7}


@pytest.mark.parametrize(
    "error",
    [
        errors.PermanentError(f"It refused {VALUE!r}.", details={"sent": VALUE}),
        errors.TransientError(f"It refused {VALUE!r}.", details={"sent": [VALUE]}),
        errors.UnknownOutcome(f"It refused {VALUE!r}."),
        errors.PermanentError("It refused.", code=VALUE),
        RuntimeError(VALUE),
    ],
)
def test_what_an_action_says_of_its_failure_holds_no_value(secret, finish, recorder, caplog, error):
    caplog.handler.addFilter(RedactingFilter())
    caplog.set_level(logging.DEBUG)
    recorder.then(error)
    finish(step())
    assert VALUE not in "".join(kept()) + caplog.text


def test_a_repeat_is_given_the_value_of_today(secret, start, recorder):
    run = start(step())
    recorder.then(errors.TransientError("Later."))
    execute(run.pk)
    secret_changes.replace(secret, "new value")
    Run.objects.update(due_at=timezone.now())
    assert execute(run.pk) is RunStatus.SUCCEEDED
    assert recorder.texts == [VALUE, "new value"]
    assert len(set(recorder.keys)) == 1


def test_a_look_up_is_given_the_value_too(secret, kind, start, recorder):
    seen = []

    def look_up(self, inputs, context):
        seen.append(inputs["text"])
        return Found({"text": VALUE})

    kind.look_up = look_up
    run = start(step())
    recorder.then(errors.ReplayedError("The same again."))
    for _time in range(2):
        execute(run.pk)
        Run.objects.update(due_at=timezone.now())
    assert seen == [VALUE]
    assert run.steps.get().outputs == {"text": "…"}


def test_a_secret_that_is_gone_fails_the_step_by_its_name_and_nothing_is_called(secret, start, recorder):
    run = start(step())
    Secret.objects.all().delete()
    assert execute(run.pk) is RunStatus.FAILED
    (record,) = run.steps.all()
    assert (record.status, record.error["code"]) == (StepStatus.FAILED, "secret_unusable")
    assert record.error["message"].startswith("There is no secret “sword”.")
    assert record.error["public"] == record.error["message"]
    assert recorder.calls == []


def test_a_secret_that_no_key_opens_fails_the_step(secret, start, recorder, settings):
    run = start(step())
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "SECRET_KEYS": [Fernet.generate_key().decode()]}
    assert execute(run.pk) is RunStatus.FAILED
    assert "No key in the settings opens the secret “sword”." in run.steps.get().error["message"]
    assert recorder.calls == []


def test_the_last_use_is_noted_now_and_then(secret, finish, django_assert_num_queries):
    finish(step())
    secret.refresh_from_db()
    first = secret.last_used_at
    assert first is not None
    with django_assert_num_queries(1):
        named_secrets.value_of("sword")
    Secret.objects.update(last_used_at=first - timedelta(hours=1))
    named_secrets.value_of("sword")
    secret.refresh_from_db()
    assert secret.last_used_at >= first


def test_actions_without_secrets_ask_for_none(recorder, django_assert_num_queries):
    with (
        django_assert_num_queries(0),
        named_secrets.given(registry.get("test.record"), {"text": "a"}),
    ):
        pass


def test_a_missing_secret_stands_against_activation_by_its_title(kind):
    workflow = lifecycle.create(document(failing(action("one", text="a"), step("two"))))
    with pytest.raises(DefinitionError) as caught:
        lifecycle.activate(workflow)
    (problem,) = caught.value.problems
    assert (problem.code, problem.step, problem.field) == ("no_secret", "two", "text")
    assert problem.message.startswith("“Password”: there is no secret “sword”.")


@pytest.mark.parametrize("value", [VALUE, {"secret": "Not a name"}, "{{ trigger.id }}", ["a"]])
def test_a_document_that_holds_a_value_is_not_even_kept_as_a_draft(kind, value):
    inside = branch("way", otherwise=(step("two", value),))
    with pytest.raises(DefinitionError) as caught:
        lifecycle.create(document(inside))
    (problem,) = caught.value.problems
    assert (problem.code, problem.step) == ("secret_in_clear", "two")
    assert VALUE not in str(caught.value)
    workflow = lifecycle.create(document(step("two")))
    with pytest.raises(DefinitionError):
        editing.update(workflow, document(inside), revision=workflow.revision)
    assert to_document(workflow)["steps"][0]["inputs"] == {"text": NAMED}


def test_the_workflows_that_need_a_secret_are_named(secret, start, recorder):
    draft = lifecycle.create(document(step(), name="A draft"))
    lifecycle.create(document(action("one", text="a"), name="Another"))
    run = start(step(), name="With a run")
    editing.update(
        run.workflow, document(action("one", text="a"), name="With a run"), revision=run.workflow.revision
    )
    lifecycle.activate(run.workflow)
    assert named_secrets.workflows_using("sword") == ["A draft", "With a run"]
    execute(run.pk)
    lifecycle.delete(draft, act=lifecycle.NOBODY)
    assert named_secrets.workflows_using("sword") == []
