from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from stripeflow.actions import errors, registry
from stripeflow.actions.base import Repeat
from stripeflow.actions.inputs import StringInput
from stripeflow.actions.wording import worded
from stripeflow.workflows.credentials import secret_changes
from stripeflow.workflows.models import Run
from tests.workflows.documents import action, branch, compare, failing, group, usd, way
from tests.workflows.events import accept, payment
from tests.workflows.recording import recording_action

pytestmark = pytest.mark.django_db

SMALL = group(compare("trigger.amount", "greater_than", usd(1)))


@pytest.fixture
def blind(api_for, make_user):
    """The API for a user who may see runs, but no payloads."""
    return api_for(make_user("view_run", username="blind"))


def ids(body):
    return [row["id"] for row in body["results"]]


def test_lists_runs_newest_first(api, recorded_run):
    first = recorded_run(action("one", text="a"))
    second = Run.objects.create(
        workflow=first.workflow, version=first.version, event=first.event, rerun_of=first
    )
    assert ids(api.get("runs/").json()) == [str(second.pk), str(first.pk)]


def test_a_listed_run_says_what_happened(api, recorded_run):
    run = recorded_run(action("one", text="a"), name="Thank")
    row = api.get("runs/").json()["results"][0]
    assert row["workflow"] == {"id": run.workflow_id, "name": "Thank"}
    assert (row["version"], row["status"], row["object_id"]) == (1, "succeeded", "pi_test")
    assert row["event"]["type"] == "payment_intent.succeeded"
    assert row["duration_seconds"] >= 0
    assert "steps" not in row


def test_goes_through_all_pages_by_cursor(api, recorded_run):
    run = recorded_run(action("one", text="a"))
    more = [Run(workflow=run.workflow, version=run.version, event=run.event, rerun_of=run) for _ in range(6)]
    Run.objects.bulk_create(more)
    seen, url = [], "runs/?limit=3"
    while url:
        body = api.get(url).json()
        seen += ids(body)
        url = body["next"]
    assert sorted(seen) == sorted(str(one.pk) for one in (run, *more))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=succeeded", True),
        ("status=failed&status=succeeded", True),
        ("status=failed", False),
        ("workflow={workflow}", True),
        ("workflow=0", False),
        ("version=1", True),
        ("version=2", False),
        ("event={event}", True),
        ("event_id={event_id}", True),
        ("event_id=evt_no", False),
        ("event_type=payment_intent.succeeded", True),
        ("event_type=charge.refunded", False),
        ("object_id=pi_test", True),
        ("object_id=pi_no", False),
        ("created_after={before}", True),
        ("created_after={after}", False),
        ("created_before={after}", True),
        ("created_before={before}", False),
    ],
)
def test_filters_runs(api, recorded_run, query, found):
    run = recorded_run(action("one", text="a"))
    hour = timedelta(hours=1)
    values = {
        "workflow": run.workflow_id,
        "event": run.event_id,
        "event_id": run.event.external_id,
        "before": f"{timezone.now() - hour:%Y-%m-%dT%H:%M:%SZ}",
        "after": f"{timezone.now() + hour:%Y-%m-%dT%H:%M:%SZ}",
    }
    assert bool(ids(api.get(f"runs/?{query.format(**values)}").json())) is found


@pytest.mark.parametrize(
    "query",
    [
        "status=no",
        "workflow=x",
        "workflow=" + "9" * 40,
        "created_after=yesterday",
        "created_after=9999-99-99",
        "object_id=%00",
        "no=1",
        "cursor=x",
        "cursor=cD1hYmM%3D",
        "cursor=cD0%3D",
        "cursor=cD0lMDA%3D",
        "cursor=bz0xMDAwMDAw",
        "cursor=%C3%A9",
    ],
)
def test_a_filter_that_can_not_be_used_never_breaks(api, query):
    response = api.get(f"runs/?{query}")
    assert response.status_code == 400 or response.json()["results"] == []


def test_reads_a_run_with_its_steps(api, recorded_run):
    run = recorded_run(
        action("one", text="a"), branch("large", way("yes", SMALL, action("two", text="{{ trigger.id }}")))
    )
    body = api.get(f"runs/{run.pk}/").json()
    assert [(step["key"], step["status"]) for step in body["steps"]] == [
        ("one", "succeeded"),
        ("large", "succeeded"),
        ("two", "succeeded"),
    ]
    one, large, two = body["steps"]
    assert (one["inputs"], one["outputs"]) == ({"text": "a"}, {"text": "a"})
    assert (large["kind"], large["branch"]) == ("branch", "yes")
    assert large["explanation"][0]["evaluation"]["truth"] == "met"
    assert two["inputs"] == {"text": "pi_test"}
    assert body["payload_hidden"] is False


def test_tells_why_a_run_started(api, recorded_run):
    run = recorded_run(action("one", text="a"), conditions=SMALL)
    assert api.get(f"runs/{run.pk}/").json()["explanation"]["truth"] == "met"


def test_without_the_permission_values_are_left_out_and_said_so(blind, recorded_run):
    run = recorded_run(
        branch("large", way("yes", SMALL, action("two", text="{{ trigger.customer }}"))), conditions=SMALL
    )
    response = blind.get(f"runs/{run.pk}/")
    body = response.json()
    assert (body["payload_hidden"], body["explanation"]) == (True, None)
    assert all(step[name] is None for step in body["steps"] for name in ("inputs", "outputs", "explanation"))
    assert "cus_test" not in response.content.decode()


@pytest.mark.parametrize("on_error", ["stop", "continue", "branch"])
def test_a_failed_step_tells_whether_the_run_goes_on(api, recorder, recorded_run, on_error):
    recorder.then(errors.PermanentError("Refused."))
    first = {**action("one", text="a"), "on_error": on_error}
    if on_error == "branch":
        first = failing(first, action("inside", text="b"))
    run = recorded_run(first, action("two", text="c"))
    handled = {step["key"]: step["handled"] for step in api.get(f"runs/{run.pk}/").json()["steps"]}
    others = {"stop": {}, "continue": {"two": False}, "branch": {"inside": False}}
    assert handled == {"one": on_error != "stop", **others[on_error]}


@pytest.mark.parametrize(
    ("who", "message", "details"),
    [("api", "Jane was refused.", {"code": "card"}), ("blind", "… was refused.", None)],
)
def test_an_errors_values_need_the_permission(request, recorder, recorded_run, who, message, details):
    refused = worded("{name} was refused.", name="Jane")
    recorder.then(errors.PermanentError(refused, code="declined", details={"code": "card"}))
    run = recorded_run(action("one", text="a"))
    body = request.getfixturevalue(who).get(f"runs/{run.pk}/").json()
    expected = {"code": "declined", "message": message, "step": "one", "details": details}
    assert body["error"] == expected
    assert body["steps"][0]["error"] == expected | {"step": ""}


def test_secret_inputs_are_hidden_from_everybody(api, recorder, recorded_run):
    secret = recording_action(recorder, key="test.secret", repeat=Repeat.KEYED)
    secret.inputs = (StringInput("text", label="Text", secret=True),)
    with registry.temporarily(secret):
        secret_changes.store("sword", "swordfish")
        run = recorded_run(action("one", "test.secret", text={"secret": "sword"}))
        step = api.get(f"runs/{run.pk}/").json()["steps"][0]
        assert step["inputs"] == {"text": {"secret": "sword"}}
        # As an older version kept it.
        run.steps.update(inputs={"text": "swordfish"})
        step = api.get(f"runs/{run.pk}/").json()["steps"][0]
    assert step["inputs"] == {"text": "••••"}


def test_inputs_of_an_action_that_is_gone_are_hidden(api, recorder, recorded_run):
    with registry.temporarily(recording_action(recorder, key="test.gone")):
        run = recorded_run(action("one", "test.gone", text="swordfish"))
    assert api.get(f"runs/{run.pk}/").json()["steps"][0]["inputs"] is None


def test_cancels_a_run(api, recorded_run):
    run = recorded_run(action("one", text="a"), executed=False)
    response = api.post(f"runs/{run.pk}/cancel/")
    assert (response.status_code, response.json()["status"]) == (200, "canceled")
    assert [(one["kind"], one["user"]) for one in response.json()["operations"]] == [("cancel", "editor")]


def test_a_run_that_has_ended_is_not_canceled(api, recorded_run):
    run = recorded_run(action("one", text="a"))
    response = api.post(f"runs/{run.pk}/cancel/")
    assert (response.status_code, response.json()["error"]["code"]) == (409, "not_allowed")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_run_that_there_is_not_is_404(api, method):
    path = f"runs/{UUID(int=1)}/" + ("cancel/" if method == "POST" else "")
    assert api(method, path).status_code == 404


def count(api, path):
    with CaptureQueriesContext(connection) as queries:
        assert api.get(path).status_code == 200
    return len(queries)


def test_the_list_takes_as_many_queries_for_many_as_for_one(api, recorded_run):
    recorded_run(action("one", text="a"))
    api.get("runs/")
    one = count(api, "runs/")
    for _ in range(5):
        recorded_run(action("one", text="a"))
    assert count(api, "runs/") == one <= 7


def test_a_run_takes_as_many_queries_for_many_steps_as_for_one(api, recorded_run):
    short = recorded_run(action("one", text="a"), obj=payment(), event_type="payment_intent.succeeded")
    api.get("runs/")
    one = count(api, f"runs/{short.pk}/")
    long = recorded_run(*(action(f"step_{number}", text="a") for number in range(9)))
    assert count(api, f"runs/{long.pk}/") == one <= 10


def test_a_step_tells_whether_it_was_looked_up(api, recorded_run):
    run = recorded_run(action("one", text="a"))
    run.steps.update(look_up="not_found")
    (step,) = api.get(f"runs/{run.pk}/").json()["steps"]
    assert (step["look_up"], step["group"]) == ("not_found", 1)


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("account=acct_1", {"acct_1 live", "acct_1 test"}),
        ("account=acct_1&livemode=false", {"acct_1 test"}),
        ("account=own", {" test"}),
        ("account=connected&livemode=true", {"acct_1 live", "acct_2 live"}),
        ("account=acct_none", set()),
    ],
)
def test_runs_are_found_by_account_and_mode(api, recorded_run, query, wanted):
    run = recorded_run(action("one", text="a"))
    for account, livemode in (("acct_1", True), ("acct_1", False), ("acct_2", True)):
        event = accept(payment(), account=account, livemode=livemode)
        Run.of(event, workflow=run.workflow, version=run.version, rerun_of=run).save()
    found = api.get(f"runs/?{query}").json()["results"]
    modes = {True: "live", False: "test"}
    assert {f"{one['account']} {modes[one['livemode']]}" for one in found} == wanted
