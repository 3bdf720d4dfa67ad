"""`stripeflow_run start`: a run of a workflow on demand, from the command line."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from stripeflow.workflows.models import AuditEntry, Run, RunOperation
from stripeflow.workflows.operations import lifecycle
from tests.workflows.documents import action, compare, group
from tests.workflows.on_demand import CHARGE, REASON, on_demand

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("recorder", "queue")]

GIVEN = '{"charge": "ch_1", "reason": "late"}'


@pytest.fixture
def workflow():
    return active(CHARGE, REASON)


def active(*inputs, **options):
    workflow = lifecycle.create(on_demand(*inputs, **options))
    lifecycle.activate(workflow)
    return workflow


def start(workflow, *words, inputs=GIVEN):
    out = StringIO()
    call_command("stripeflow_run", "start", str(workflow), "--inputs", inputs, *words, stdout=out)
    return out.getvalue()


def test_starts_a_run_and_names_it(workflow):
    said = start(workflow.pk, "--note", "By hand.")
    run = Run.objects.get()
    assert said == f"{run.pk}  queued\n"
    done = RunOperation.objects.get()
    assert (done.kind, done.user_name, done.via, done.note) == ("start", "", "command", "By hand.")
    assert AuditEntry.objects.get(kind="run.started").command == "stripeflow_run"


def test_starts_only_the_version_that_has_to_be_active(workflow):
    with pytest.raises(CommandError, match="version 1 is active now"):
        start(workflow.pk, "--active", "2")
    assert not Run.objects.exists()
    start(workflow.pk, "--active", "1")
    assert Run.objects.count() == 1


def test_the_same_key_starts_one_run(workflow):
    first, again = start(workflow.pk, "--key", "k1"), start(workflow.pk, "--key", "k1")
    assert again == first.replace("\n", "  (started before by this key)\n")
    with pytest.raises(CommandError, match="with other inputs"):
        start(workflow.pk, "--key", "k1", inputs='{"charge": "ch_2"}')


@pytest.mark.parametrize(
    ("inputs", "says"),
    [
        ("{", "not valid JSON"),
        ("[]", "has to be a JSON object"),
        ('{"charge": "cus_1"}', "“Charge” must be an ID"),
        ("{}", "“Charge” is required"),
    ],
)
def test_inputs_that_cannot_be_used_are_said(workflow, inputs, says):
    with pytest.raises(CommandError, match=says):
        start(workflow.pk, inputs=inputs)
    assert not Run.objects.exists()


def test_why_no_run_was_started_is_said():
    broken = active(CHARGE, REASON, conditions=group(compare("trigger.reason", "equal", "broken")))
    with pytest.raises(CommandError, match="No run was started: The trigger conditions were not met"):
        start(broken.pk)


@pytest.mark.parametrize("name", ["999", "one", "٣"])
def test_a_workflow_that_does_not_exist_is_said(db, name):
    with pytest.raises(CommandError, match="workflow"):
        start(name)


def test_mode_and_account_are_chosen():
    several = active(scope={"mode": "both", "accounts": "connected"}, steps=(action("one", text="a"),))
    start(several.pk, "--mode", "live", "--account", "acct_1", inputs="{}")
    run = Run.objects.get()
    assert (run.livemode, run.account) == (True, "acct_1")


def test_what_is_no_id_of_a_run_is_said_by_the_other_verbs(db):
    with pytest.raises(CommandError, match="“nonsense” is not the ID of a run"):
        call_command("stripeflow_run", "cancel", "nonsense")


def test_a_key_finds_its_run_though_the_workflow_is_off(workflow):
    start(workflow.pk, "--key", "k1")
    lifecycle.deactivate(workflow)
    assert (
        start(workflow.pk, "--key", "k1") == f"{Run.objects.get().pk}  queued  (started before by this key)\n"
    )


def test_a_table_is_shown_and_started_by_key(workflow, tmp_path):
    file = tmp_path / "charges.csv"
    file.write_text("id,reason\nch_1,late\nch_2,\n")
    words = (workflow.pk, "--csv", str(file), "--column", "charge=id")
    assert "2 runs would start." in start(*words, inputs="{}")
    with pytest.raises(CommandError, match="--key"):
        start(*words, "--yes", inputs="{}")
    assert not Run.objects.exists()
    for said in ("queued\n", "(started before by this key)"):
        assert start(*words, "--yes", "--key", "october", inputs="{}").count(said) == 2
    assert Run.objects.count() == 2


def test_a_table_with_problems_starts_nothing(workflow, tmp_path):
    file = tmp_path / "charges.csv"
    file.write_text("charge,reason\ncus_1,late\n")
    for more in ((), ("--yes", "--key", "k")):
        with pytest.raises(CommandError, match="problems"):
            start(workflow.pk, "--csv", str(file), *more, inputs="{}")
    with pytest.raises(CommandError, match="--csv"):
        start(workflow.pk, "--csv", str(tmp_path / "none.csv"), inputs="{}")
    assert not Run.objects.exists()
