"""Starting a workflow on demand: once for each key, with checked inputs, by who may, and on record."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from stripeflow.triggers.inbox import temporary_handler
from stripeflow.triggers.models import Event
from stripeflow.workflows.audit import kinds
from stripeflow.workflows.audit.acts import NOBODY, Act, NotPossible
from stripeflow.workflows.audit.origins import Origin
from stripeflow.workflows.drafts import editing
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.models import Activation, AuditEntry, Run, RunOperation, Schedule
from stripeflow.workflows.models.audit import Via
from stripeflow.workflows.operations import lifecycle
from stripeflow.workflows.operations.asking import Asked, KeyTaken, OtherVersion, WrongInputs
from stripeflow.workflows.operations.invoking import invoke
from stripeflow.workflows.states import RunStatus
from tests.workflows.documents import action, compare, document, group
from tests.workflows.on_demand import AMOUNT, CHARGE, REASON, on_demand
from tests.workflows.people import user_with_role
from tests.workflows.schedules.documents import hourly, scheduled

pytestmark = pytest.mark.django_db

READS = action("one", text='{{ trigger.charge }}, {{ trigger.reason | default("no reason") }}')
GIVEN = {"charge": "ch_1", "reason": "late"}


@pytest.fixture(autouse=True)
def _actions(recorder, queue):
    pass


@pytest.fixture
def workflow():
    return active(CHARGE, REASON, steps=(READS,))


def active(*inputs, **options):
    workflow = lifecycle.create(on_demand(*inputs, **options))
    lifecycle.activate(workflow)
    return workflow


def read(workflow):
    return type(workflow).objects.select_related("active_version").get(pk=workflow.pk)


def started(workflow, values=GIVEN, key="k1", **chosen):
    return invoke(workflow, Asked(values, key, **chosen), NOBODY)


def test_a_run_reads_the_inputs(workflow, recorder):
    invoked = started(workflow)
    assert execute(invoked.run.pk) is RunStatus.SUCCEEDED
    assert recorder.texts == ["ch_1, late"]
    assert (invoked.run.object_id, invoked.accepted.event.source) == ("ch_1", "on_demand")


def test_an_input_that_was_left_out_is_null(workflow, recorder):
    execute(started(workflow, {"charge": "ch_1"}).run.pk)
    assert recorder.texts == ["ch_1, no reason"]


def test_the_same_key_starts_one_run(workflow):
    first, again = started(workflow), started(workflow)
    assert (first.accepted.created, again.accepted.created) == (True, False)
    assert first.run == again.run == Run.objects.get()
    assert AuditEntry.objects.filter(kind=kinds.RUN_STARTED.key).count() == 1
    assert RunOperation.objects.count() == 1


def test_the_same_key_with_other_inputs_is_refused(workflow):
    started(workflow)
    with pytest.raises(KeyTaken, match="with other inputs"):
        started(workflow, {**GIVEN, "reason": "broken"})
    assert Event.objects.get().duplicates == 0
    assert Run.objects.count() == 1


def test_the_same_request_is_the_same_whatever_else_the_workflow_asks_for_by_now(workflow):
    first = started(workflow, {"charge": "ch_1"})
    asking = on_demand(CHARGE, {**AMOUNT, "required": False}, {**REASON, "label": "Cause"}, steps=(READS,))
    editing.update(workflow, asking, revision=workflow.revision)
    lifecycle.activate(workflow)
    for values in (
        {"charge": "ch_1"},
        {"charge": "ch_1", "reason": None},
        {"charge": "ch_1", "amount": None},
    ):
        assert started(workflow, values).run == first.run
    with pytest.raises(KeyTaken):
        started(workflow, {"charge": "ch_1", "amount": {"amount": 5, "currency": "usd"}})


def test_the_same_key_is_refused_once_the_inputs_are_emptied(workflow):
    started(workflow)
    Event.objects.update(pruned_at=timezone.now(), raw_body="", stored_payload={})
    with pytest.raises(KeyTaken, match="emptied because of their age"):
        started(workflow)


@pytest.mark.parametrize("key", ["now:1", "a:b", ":"])
def test_the_key_is_given_back_as_it_came(workflow, key):
    assert started(workflow, key=key).key == started(hourly().workflow, {}, key=key).key == key


def test_another_workflow_may_use_the_same_key(workflow):
    assert [started(one).accepted.created for one in (workflow, active(CHARGE, REASON))] == [True, True]


@pytest.mark.parametrize("key", ["", "has space", "x" * 201, "schlüssel", "a\nb"])
def test_an_odd_key_is_refused(workflow, key):
    with pytest.raises(NotPossible):
        started(workflow, key=key)
    assert not Event.objects.exists()


def test_wrong_inputs_are_named_by_title_all_at_once(workflow):
    with pytest.raises(WrongInputs) as raised:
        started(workflow, {"charge": "cus_1", "reason": "bored", "colour": "red"})
    assert [one.path for one in raised.value.problems] == ["colour", "charge", "reason"]
    said = str(raised.value)
    assert all(part in said for part in ("“colour”", "“Charge”", "“Why”"))
    assert not Event.objects.exists()


def test_a_workflow_that_is_not_active_cannot_be_started(workflow):
    lifecycle.deactivate(workflow)
    with pytest.raises(NotPossible, match="is not active"):
        started(workflow)
    assert not Event.objects.exists()


def test_a_workflow_that_starts_on_something_else_cannot_be_started():
    workflow = lifecycle.create(document(action("one", text="a")))
    lifecycle.activate(workflow)
    with pytest.raises(NotPossible, match="does not start on demand"):
        started(workflow)


def test_a_version_that_was_activated_meanwhile_is_not_started_with_inputs_of_the_old_one(workflow):
    seen = type(workflow).objects.select_related("active_version").get(pk=workflow.pk)
    lifecycle.activate(workflow)
    with pytest.raises(NotPossible, match="changed meanwhile"):
        started(seen)
    assert not Event.objects.exists()


@pytest.mark.parametrize("values", [GIVEN, {"charge": "ch_1", "gone": 1}])
def test_a_version_that_nobody_saw_is_not_started(workflow, values):
    lifecycle.activate(workflow)
    with pytest.raises(OtherVersion, match="version 2 is active now. No run was started"):
        started(workflow, values, version=1)
    assert not Event.objects.exists()
    assert started(workflow, version=2).run.version.number == 2


def test_what_a_key_has_started_is_found_whichever_version_is_active(workflow):
    first = started(workflow, version=1)
    lifecycle.activate(workflow)
    assert started(workflow, version=1).run == first.run


def test_where_the_conditions_are_not_met_no_run_starts_and_the_reason_is_said():
    workflow = active(CHARGE, REASON, conditions=group(compare("trigger.reason", "equal", "broken")))
    for _time in range(2):
        invoked = started(workflow)
        assert (invoked.run, invoked.code) == (None, "not_met")
        assert invoked.reason == "The trigger conditions were not met."
    assert AuditEntry.objects.filter(kind=kinds.RUN_STARTED.key, object_kind="workflow").count() == 1


def test_where_matching_fails_nothing_is_stored(workflow):
    def breaks(event):
        raise RuntimeError

    with temporary_handler(breaks), pytest.raises(NotPossible, match="Try again"):
        started(workflow)
    assert not Event.objects.exists()
    assert started(workflow).run is not None


def test_an_activation_by_a_clock_that_is_ahead_counts(workflow):
    Activation.objects.update(started_at=timezone.now() + timedelta(seconds=30))
    assert started(workflow).run is not None


@pytest.mark.parametrize(
    ("scope", "chosen", "side"),
    [
        ({"mode": "live", "accounts": "own"}, {}, (True, "")),
        ({"mode": "both", "accounts": "all"}, {"livemode": True}, (True, "")),
        ({"mode": "both", "accounts": "all"}, {"livemode": False, "account": "acct_1"}, (False, "acct_1")),
        ({"mode": "test", "accounts": ["acct_1"]}, {}, (False, "acct_1")),
        ({"mode": "test", "accounts": "connected"}, {"account": "acct_9"}, (False, "acct_9")),
    ],
)
def test_mode_and_account_are_those_of_the_scope_or_chosen(scope, chosen, side):
    run = started(active(CHARGE, scope=scope), {"charge": "ch_1"}, **chosen).run
    assert (run.livemode, run.account) == side


@pytest.mark.parametrize(
    ("scope", "chosen", "says"),
    [
        ({"mode": "both", "accounts": "own"}, {}, "Say in which one"),
        ({"mode": "test", "accounts": "connected"}, {}, "Say for which one"),
        ({"mode": "test", "accounts": "own"}, {"livemode": True}, "this workflow takes test ones"),
        ({"mode": "test", "accounts": ["acct_1"]}, {"account": "acct_2"}, "does not list"),
        ({"mode": "test", "accounts": "connected"}, {"account": ""}, "connected accounts"),
    ],
)
def test_a_side_that_is_missing_or_outside_of_the_scope_is_refused(scope, chosen, says):
    with pytest.raises(NotPossible, match=says):
        started(active(CHARGE, scope=scope), {"charge": "ch_1"}, **chosen)
    assert not Event.objects.exists()


@pytest.mark.parametrize("via", [Via.ADMIN, Via.API, Via.COMMAND])
def test_who_started_it_and_by_which_door_stays_with_the_run(workflow, via):
    user = user_with_role("operator")
    act = Act(user, "They called.", origin=Origin(via))
    run = invoke(workflow, Asked(GIVEN, "k1"), act).run
    done = RunOperation.objects.get(run=run)
    assert (done.kind, done.user_name, done.via, done.note) == ("start", str(user), via, "They called.")
    entry = AuditEntry.objects.get(kind=kinds.RUN_STARTED.key)
    assert (entry.user_name, entry.via, entry.object_id) == (str(user), via, str(run.pk))


def test_no_value_gets_into_the_audit_log(workflow):
    started(workflow)
    entry = AuditEntry.objects.get(kind=kinds.RUN_STARTED.key)
    assert "late" not in str([entry.before, entry.after])


def test_who_may_not_change_runs_starts_nothing(workflow):
    with pytest.raises(PermissionDenied):
        invoke(workflow, Asked(GIVEN, "k1"), Act(user_with_role("viewer")))
    assert not Event.objects.exists()


def test_a_permission_that_is_withdrawn_meanwhile_undoes_it_all(workflow):
    user = user_with_role("operator")

    @contextmanager
    def withdrawn():
        from stripeflow.workflows.operations import invoking

        real = invoking.accept_for

        def accept(*args):
            user.groups.clear()
            user.user_permissions.clear()
            return real(*args)

        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(invoking, "accept_for", accept)
            yield

    with withdrawn(), pytest.raises(PermissionDenied):
        invoke(workflow, Asked(GIVEN, "k1"), Act(user))
    assert not Event.objects.exists()


def test_a_workflow_with_a_schedule_is_started_between_two_times():
    row = hourly()
    first = started(row.workflow, {}, key="2026-01-01T00:00:00Z")
    again = started(row.workflow, {}, key="2026-01-01T00:00:00Z")
    assert (first.run, Run.objects.count()) == (again.run, 1)
    assert first.key == "2026-01-01T00:00:00Z"
    assert first.accepted.event.external_id == f"{row.workflow_id}:now:2026-01-01T00:00:00Z"
    assert first.accepted.event.object["previous_scheduled_for"] is None
    now, before = Schedule.objects.get(), row
    assert (now.next_at, now.last_at, now.count) == (before.next_at, None, 0)
    with pytest.raises(WrongInputs):
        started(row.workflow, {"reason": "none"}, key="k2")


def publish(workflow, document):
    workflow.refresh_from_db()
    editing.update(workflow, document, revision=workflow.revision)
    lifecycle.activate(workflow)


def asks_for_more(workflow):
    publish(workflow, on_demand(CHARGE, AMOUNT, REASON, steps=(READS,)))


def asks_for_nothing(workflow):
    publish(workflow, on_demand(steps=(action("one", text="a"),)))


def runs_elsewhere(workflow):
    publish(workflow, on_demand(CHARGE, REASON, scope={"mode": "live", "accounts": ["acct_1"]}))


def runs_anywhere(workflow):
    publish(workflow, on_demand(CHARGE, REASON, scope={"mode": "both", "accounts": "connected"}))


def starts_by_a_schedule(workflow):
    publish(workflow, scheduled())


def starts_on_an_event(workflow):
    publish(workflow, document(action("one", text="a")))


def is_archived(workflow):
    lifecycle.deactivate(workflow)
    lifecycle.archive(workflow)


def is_inactive(workflow):
    lifecycle.deactivate(workflow)


CHANGES = [
    asks_for_more,
    asks_for_nothing,
    runs_elsewhere,
    runs_anywhere,
    starts_by_a_schedule,
    starts_on_an_event,
    is_inactive,
    is_archived,
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_request_whose_answer_was_lost_finds_its_run_whatever_became_of_the_workflow(workflow, change):
    first = started(workflow)
    change(workflow)
    again = started(read(workflow))
    assert (again.run, again.accepted.created, again.key) == (first.run, False, "k1")
    with pytest.raises(KeyTaken):
        started(read(workflow), {"charge": "ch_2"})
    assert Run.objects.count() == Event.objects.count() == 1


def test_a_key_of_one_of_both_modes_is_found_when_only_this_mode_is_left():
    workflow = active(CHARGE, scope={"mode": "both", "accounts": "own"})
    first = started(workflow, {"charge": "ch_1"}, livemode=False)
    publish(workflow, on_demand(CHARGE))
    assert started(read(workflow), {"charge": "ch_1"}).run == first.run
    with pytest.raises(KeyTaken):
        started(read(workflow), {"charge": "ch_2"})


@pytest.mark.parametrize("change", [starts_on_an_event, asks_for_more, is_inactive])
def test_a_run_between_two_times_is_found_as_well(change):
    workflow = hourly().workflow
    first = started(workflow, {})
    change(workflow)
    assert started(read(workflow), {}).run == first.run
    with pytest.raises(KeyTaken):
        started(read(workflow), GIVEN)


def test_why_a_key_started_nothing_is_told_again_by_the_version_of_that_time():
    workflow = active(CHARGE, REASON, conditions=group(compare("trigger.reason", "equal", "broken")))
    started(workflow)
    asks_for_more(workflow)
    again = started(read(workflow))
    assert (again.run, again.accepted.created, bool(again.reason)) == (None, False, True)
    with pytest.raises(KeyTaken):
        started(read(workflow), {"charge": "ch_2"})


def test_the_same_key_for_another_account_is_another_event_also_after_a_change():
    workflow = active(CHARGE, scope={"mode": "both", "accounts": "all"})
    of_account = started(workflow, {"charge": "ch_1"}, livemode=True, account="acct_1")
    own = started(workflow, {"charge": "ch_1"}, livemode=True)
    assert own.accepted.created
    is_inactive(workflow)
    assert started(read(workflow), {"charge": "ch_1"}, livemode=True).run == own.run
    found = started(read(workflow), {"charge": "ch_1"}, livemode=True, account="acct_1")
    assert found.run == of_account.run
    with pytest.raises(NotPossible, match="not active"):
        started(read(workflow), {"charge": "ch_1"}, livemode=False)


@pytest.mark.usefixtures("money")
def test_somebody_who_may_not_start_what_the_key_started_is_not_told_of_it():
    grave = active(CHARGE, steps=(action("one", "test.money", text="a"),))
    started(grave, {"charge": "ch_1"})
    asks_for_nothing(grave)
    for role in ("viewer", "operator"):
        with pytest.raises(PermissionDenied):
            invoke(read(grave), Asked({"charge": "ch_1"}, "k1"), Act(user_with_role(role)))


@pytest.mark.usefixtures("money")
def test_who_could_start_it_then_finds_it_though_it_moves_money_now(workflow):
    act = Act(user_with_role("operator"))
    first = invoke(workflow, Asked(GIVEN, "k1"), act)
    publish(workflow, on_demand(CHARGE, REASON, steps=(action("one", "test.money", text="a"),)))
    assert invoke(read(workflow), Asked(GIVEN, "k1"), act).run == first.run
    with pytest.raises(PermissionDenied):
        invoke(read(workflow), Asked(GIVEN, "k2"), act)


def test_a_key_that_is_used_while_the_workflow_is_changed_is_found(workflow, monkeypatch):
    """The first look finds nothing. Before the version is judged, the run starts and the workflow changes."""
    from stripeflow.workflows.operations import invoking

    seen, real, looks = read(workflow), invoking.earlier, []

    def earlier(*args):
        looks.append(real(*args))
        if len(looks) == 1:
            started(workflow)
            asks_for_more(workflow)
        return looks[-1]

    monkeypatch.setattr(invoking, "earlier", earlier)
    assert invoke(seen, Asked(GIVEN, "k1"), NOBODY).run == Run.objects.get()
