"""Which events start a workflow: the statement of matching, the reasons and the queries say the same."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from stripeflow.triggers.models import Event
from stripeflow.workflows.drafts import editing
from stripeflow.workflows.matching import why
from stripeflow.workflows.matching.candidates import candidates
from stripeflow.workflows.models import Run
from stripeflow.workflows.operations import lifecycle, replay
from stripeflow.workflows.operations.replay_outcomes import Outcome
from stripeflow.workflows.versions.plans import plan_of
from tests.workflows.documents import action, document
from tests.workflows.events import accept, payment

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("recorder", "queue")]

OURS, FIRST, SECOND, THIRD = "", "acct_1", "acct_2", "acct_11"
SCOPES = [
    {"mode": mode, "accounts": accounts}
    for mode in ("live", "test", "both")
    for accounts in ("own", "connected", "all", [FIRST], [FIRST, SECOND])
]
# What each kind of accounts has.
TAKES = {
    "own": {OURS},
    "connected": {FIRST, SECOND, THIRD},
    "all": {OURS, FIRST, SECOND, THIRD},
    (FIRST,): {FIRST},
    (FIRST, SECOND): {FIRST, SECOND},
}


def active(scope=None, **options):
    workflow = lifecycle.create(document(action("one", text="a"), scope=scope, **options))
    lifecycle.activate(workflow)
    return workflow


def event(*, livemode=True, account=OURS, **options):
    return accept(payment(), livemode=livemode, **({"account": account} if account else {}), **options)


def is_taken(scope, livemode, account):
    accounts = scope["accounts"]
    names = TAKES[accounts if isinstance(accounts, str) else tuple(accounts)]
    return scope["mode"] in ("both", "live" if livemode else "test") and account in names


@pytest.mark.parametrize("scope", SCOPES, ids=str)
def test_only_events_in_the_scope_start_a_run_and_every_other_place_agrees(scope):
    workflow = active(scope)
    version = workflow.active_version
    for livemode in (True, False):
        for account in (OURS, FIRST, SECOND, THIRD):
            one = event(livemode=livemode, account=account)
            taken = is_taken(scope, livemode, account)
            assert Run.objects.filter(event=one).exists() is taken
            (verdict,) = why.explain(one)
            assert (verdict.reason == "started") is taken
            (judged,) = replay.preview([one], version, again=True)
            assert (judged.outcome is not Outcome.OUT_OF_SCOPE) is taken
            assert candidates(plan_of(version.pk), version.workflow_id).filter(pk=one.pk).exists() is taken


def test_without_a_scope_every_event_starts_a_run():
    active()
    for livemode in (True, False):
        for account in (OURS, FIRST):
            event(livemode=livemode, account=account)
    assert Run.objects.count() == 4


@pytest.mark.parametrize(
    ("scope", "given", "reason", "sentence"),
    [
        (
            {"mode": "live", "accounts": "own"},
            {"livemode": False},
            "test_event",
            "The event is a test event; this workflow takes live ones.",
        ),
        (
            {"mode": "test", "accounts": "own"},
            {"livemode": True},
            "live_event",
            "The event is a live event; this workflow takes test ones.",
        ),
        (
            {"mode": "live", "accounts": "own"},
            {"account": FIRST},
            "connected_event",
            "The event is of the connected account acct_1; this workflow takes those of your own account.",
        ),
        (
            {"mode": "live", "accounts": "connected"},
            {},
            "own_event",
            "The event is of your own account; this workflow takes those of connected accounts.",
        ),
        (
            {"mode": "live", "accounts": [SECOND]},
            {"account": FIRST},
            "unlisted_account",
            "The event is of the connected account acct_1, which this workflow does not list.",
        ),
    ],
)
def test_why_it_did_not_run_says_what_the_scope_has_against_the_event(scope, given, reason, sentence):

    active(scope)
    (verdict,) = why.explain(event(**given))
    assert (verdict.reason, verdict.sentence) == (reason, sentence)
    assert verdict.mark


def test_an_account_that_the_settings_call_ours_is_our_own(settings):
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "OWN_ACCOUNTS": [FIRST]}
    active({"mode": "live", "accounts": "own"})
    active({"mode": "live", "accounts": "connected"})
    own, connected = event(account=FIRST), event(account=SECOND)
    assert [Run.objects.filter(event=one).count() for one in (own, connected)] == [1, 1]
    assert Run.objects.get(event=own).version.document["trigger"]["scope"]["accounts"] == "own"


def test_the_scope_costs_no_statement():
    workflow = active({"mode": "live", "accounts": [SECOND]})
    with CaptureQueriesContext(connection) as refused:
        event()
    lifecycle.deactivate(workflow)
    with CaptureQueriesContext(connection) as nobody:
        event(created=2_000_000_000)
    assert len(refused) == len(nobody)


def test_several_events_start_one_workflow_and_each_event_one_run():
    workflow = active(event_type=["charge.refunded", "refund.created"])
    first = accept({"id": "ch_1", "object": "charge"}, type="charge.refunded")
    second = accept({"id": "re_1", "object": "refund"}, type="refund.created")
    other = accept({"id": "ch_2", "object": "charge"}, type="charge.failed")
    assert [Run.objects.filter(event=one).count() for one in (first, second, other)] == [1, 1, 0]
    assert [verdict.reason for one in (first, second) for verdict in why.explain(one)] == ["started"] * 2
    assert why.explain(other) == []
    assert set(replay.select(workflow.active_version)) == {first, second}


def test_a_new_version_takes_over_on_each_of_its_events():
    workflow = active(event_type=["charge.refunded", "refund.created"])
    editing.update(
        workflow,
        document(action("one", text="a"), event_type=["refund.created", "refund.failed"]),
        revision=workflow.revision,
    )
    second = lifecycle.activate(workflow)
    open_now = workflow.activations.filter(ended_at=None)
    assert sorted(open_now.values_list("topic", "version")) == [
        ("refund.created", second.pk),
        ("refund.failed", second.pk),
    ]
    lifecycle.deactivate(workflow)
    assert not workflow.activations.filter(ended_at=None).exists()
    assert Event.objects.count() == 0
