import json
from uuid import UUID

import pytest

from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.limits import pausing, switch
from stripeflow.workflows.models import Run
from stripeflow.workflows.models.run import HeldReason
from stripeflow.workflows.operations import lifecycle
from stripeflow.workflows.operations.verbs import MAX_AT_ONCE
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
def failed(recorded_run, recorder):
    return states.failed(recorded_run, recorder, ONE, TWO)


@pytest.fixture
def unknown(recorded_run, recorder):
    return states.unknown(recorded_run, recorder, ONE, TWO)


def code(response):
    return response.status_code, response.json()["error"]["code"]


def test_retries_a_failed_run_once(api, failed, recorder):
    response = api.post(f"runs/{failed.pk}/retry/", {"note": "Again."})
    assert (response.status_code, response.json()["status"]) == (200, "queued")
    assert [(one["kind"], one["note"]) for one in response.json()["operations"]] == [("retry", "Again.")]
    assert code(api.post(f"runs/{failed.pk}/retry/")) == (409, "not_allowed")
    execute(failed.pk)
    assert recorder.texts == ["a", "a", "a"]


def test_releases_a_held_run_once(api, recorded_run):
    run = states.held(recorded_run, ONE)
    assert api.get(f"runs/{run.pk}/").json()["held_reason"] == "object"
    assert api.post(f"runs/{run.pk}/release/").json()["status"] == "queued"
    assert code(api.post(f"runs/{run.pk}/release/")) == (409, "not_allowed")


def test_ends_the_wait_of_a_run_once(api, recorded_run, recorder):
    run = recorded_run(wait(), action("after", text="a"))
    shown = api.get(f"runs/{run.pk}/").json()
    assert (shown["wait"]["step"], shown["wait"]["title"]) == ("wait", "Wait 3 days")
    assert shown["wait"]["until"] == shown["due_at"] == shown["steps"][0]["due_at"]
    assert api.post(f"runs/{run.pk}/wake/", {"note": "Paid."}).status_code == 200
    execute(run.pk)
    assert recorder.texts == ["a"]
    assert api.get(f"runs/{run.pk}/").json()["wait"] is None
    assert code(api.post(f"runs/{run.pk}/wake/")) == (409, "not_allowed")


def test_a_wait_that_began_since_is_not_ended(api, recorded_run):
    run, seen = recorded_run(wait()), {"seen_at": "2026-01-01T12:00:00Z"}
    assert code(api.post(f"runs/{run.pk}/wake/", seen)) == (409, "revision_conflict")
    body = {"operation": "wake", "ids": [str(run.pk)], **seen}
    assert [one["code"] for one in api.post("runs/bulk/", body).json()["results"]] == ["revision_conflict"]
    assert run.operations.count() == 0


def test_what_would_be_held_again_at_once_is_not_released(api, recorded_run):
    run = states.held(recorded_run, ONE, reason="paused")
    pausing.pause(run.workflow_id, "To look at it.")
    response = api.post(f"runs/{run.pk}/release/")
    assert code(response) == (409, "not_allowed")
    assert "paused" in response.json()["error"]["message"]


@pytest.mark.parametrize(("name", "version"), [("restart", 1), ("rerun", 2)])
def test_starts_an_ended_run_again(api, failed, name, version):
    lifecycle.activate(failed.workflow)
    response = api.post(f"runs/{failed.pk}/{name}/")
    body = response.json()
    assert response.status_code == 201
    assert (body["rerun_of"], body["version"], body["status"]) == (str(failed.pk), version, "queued")


def test_is_not_started_again_if_somebody_was_faster(api, failed):
    body = {"seen_at": "2026-01-01T00:00:00Z"}
    assert api.post(f"runs/{failed.pk}/restart/", body).status_code == 201
    assert code(api.post(f"runs/{failed.pk}/rerun/", body)) == (409, "not_allowed")
    assert failed.reruns.count() == 1


def test_confirms_an_unknown_outcome_with_outputs(api, unknown, recorder):
    told = {"outcome": "happened", "outputs": {"text": "told"}, "note": "It is there."}
    body = {**told, "revision": api.get(f"runs/{unknown.pk}/").json()["revision"]}
    assert api.post(f"runs/{unknown.pk}/resolve/", body).json()["status"] == "queued"
    execute(unknown.pk)
    assert recorder.texts == ["a", "told"]
    assert [(one.kind, one.note) for one in unknown.operations.all()] == [("happened", "It is there.")]


@pytest.mark.parametrize(("outcome", "calls"), [("did_not_happen", 1), ("again", 3)])
def test_denies_an_unknown_outcome_or_has_it_done_again(api, unknown, recorder, outcome, calls):
    body = {"outcome": outcome, "revision": unknown.revision}
    assert api.post(f"runs/{unknown.pk}/resolve/", body).status_code == 200
    execute(unknown.pk)
    assert len(recorder.calls) == calls


def lost_again(api, run):
    """The run's outcome is resolved, and unknown once more; what was sent, and is outdated by now."""
    body = {"outcome": "again", "revision": run.revision}
    assert api.post(f"runs/{run.pk}/resolve/", body).status_code == 200
    execute(run.pk)
    states.lose_answer(run, "one")
    return body


@pytest.mark.parametrize("outcome", ["happened", "did_not_happen", "again"])
def test_an_outcome_that_was_resolved_since_it_was_read_is_left_alone(api, unknown, outcome):
    body = {**lost_again(api, unknown), "outcome": outcome}
    answer = api.post(f"runs/{unknown.pk}/resolve/", body)
    assert code(answer) == (409, "revision_conflict")
    assert "has changed since the revision" in answer.json()["error"]["message"]
    unknown.refresh_from_db()
    assert (unknown.status, unknown.operations.count()) == ("outcome_unknown", 1)
    assert api.post(f"runs/{unknown.pk}/resolve/", {**body, "revision": unknown.revision}).status_code == 200


def test_of_many_outcomes_those_that_were_resolved_since_are_left_alone(api, unknown, recorded_run, recorder):
    other = states.unknown(recorded_run, recorder, ONE)
    old = lost_again(api, unknown)["revision"]
    runs = [{"id": str(unknown.pk), "revision": old}, {"id": str(other.pk), "revision": other.revision}]
    told = api.post("runs/bulk/resolve/", {"outcome": "again", "runs": runs}).json()["results"]
    assert [(one["done"], one["code"]) for one in told] == [(False, "revision_conflict"), (True, "")]
    assert [unknown.operations.count(), other.operations.count()] == [1, 1]


def test_the_list_tells_what_many_are_resolved_with(api, unknown):
    (listed,) = api.get("runs/?status=outcome_unknown").json()["results"]
    sent = {"outcome": "again", "runs": [{name: listed[name] for name in ("id", "revision")}]}
    assert api.post("runs/bulk/resolve/", sent).json()["results"][0]["done"]


@pytest.mark.parametrize("revision", [0, 10**30])
def test_a_revision_that_the_run_never_had_is_a_conflict(api, unknown, revision):
    body = {"outcome": "again", "revision": revision}
    assert code(api.post(f"runs/{unknown.pk}/resolve/", body)) == (409, "revision_conflict")


def test_an_outcome_is_resolved_once(api, unknown):
    body = {"outcome": "again", "revision": unknown.revision}
    assert api.post(f"runs/{unknown.pk}/resolve/", body).status_code == 200
    assert code(api.post(f"runs/{unknown.pk}/resolve/", body)) == (409, "not_allowed")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"outcome": "perhaps"},
        {"outcome": "happened", "outputs": []},
        {"outcome": "happened", "output": {}},
        {"outcome": "again", "outputs": {}},
        {"outcome": "happened", "note": "x" * 501},
        {"outcome": "again", "revision": None},
        {"outcome": "again", "revision": -1},
        {"outcome": "again", "revision": "new"},
    ],
)
def test_a_resolution_that_can_not_be_read_changes_nothing(api, unknown, body):
    sent = {"revision": unknown.revision, **body}
    assert code(api.post(f"runs/{unknown.pk}/resolve/", sent)) == (400, "invalid")
    unknown.refresh_from_db()
    assert unknown.status == "outcome_unknown"


@pytest.mark.parametrize("body", [{"outcome": "again"}, ["happened"]])
def test_a_resolution_says_what_was_seen(api, unknown, body):
    assert code(api.post(f"runs/{unknown.pk}/resolve/", body)) == (400, "invalid")
    unknown.refresh_from_db()
    assert unknown.status == "outcome_unknown"


def test_each_run_of_many_has_a_result_of_its_own(api, recorded_run, failed):
    waits, nobody = recorded_run(ONE, executed=False), UUID(int=1)
    ids = [str(pk) for pk in (failed.pk, waits.pk, nobody, failed.pk)]
    response = api.post("runs/bulk/", {"operation": "retry", "ids": ids})
    assert [(one["id"], one["code"]) for one in response.json()["results"]] == [
        (ids[0], ""),
        (ids[1], "not_allowed"),
        (ids[2], "not_found"),
    ]
    failed.refresh_from_db()
    assert failed.status == "queued"


@pytest.mark.parametrize(
    "body",
    [
        {"operation": "retry", "ids": []},
        {"operation": "resolve", "ids": [str(UUID(int=1))]},
        {"operation": "retry", "ids": ["1"]},
        {"operation": "retry", "ids": [str(UUID(int=n)) for n in range(MAX_AT_ONCE + 1)]},
    ],
)
def test_many_have_to_be_named_well(api, body):
    assert code(api.post("runs/bulk/", body)) == (400, "invalid")


def test_many_unknown_outcomes_are_resolved_each_for_itself(api, unknown, failed):
    runs = [{"id": str(run.pk), "revision": run.revision} for run in (unknown, failed)]
    told = api.post("runs/bulk/resolve/", {"outcome": "happened", "runs": runs}).json()["results"]
    assert [one["code"] for one in told] == ["needs_outputs", "not_allowed"]
    body = {"outcome": "again", "runs": runs, "note": "It is not there."}
    told = api.post("runs/bulk/resolve/", body).json()["results"]
    assert [(one["done"], one["status"]) for one in told] == [(True, "queued"), (False, "")]
    assert [(one.kind, one.note) for one in unknown.operations.all()] == [("again", "It is not there.")]


@pytest.mark.parametrize(
    "body",
    [
        {"outcome": "again"},
        {"outcome": "again", "runs": []},
        {"outcome": "again", "ids": ["{id}"]},
        {"outcome": "again", "runs": ["{id}"]},
        {"outcome": "again", "runs": [{"id": "{id}"}]},
        {"outcome": "again", "runs": [{"id": "{id}", "revision": 1, "seen": 1}]},
        {"outcome": "perhaps", "runs": [{"id": "{id}", "revision": 1}]},
        {"outcome": "happened", "outputs": {}, "runs": [{"id": "{id}", "revision": 1}]},
        {
            "outcome": "again",
            "runs": [{"id": str(UUID(int=n)), "revision": 1} for n in range(MAX_AT_ONCE + 1)],
        },
    ],
)
def test_many_resolutions_that_can_not_be_read_change_nothing(api, unknown, body):
    sent = json.loads(json.dumps(body).replace("{id}", str(unknown.pk)))
    assert code(api.post("runs/bulk/resolve/", sent)) == (400, "invalid")
    unknown.refresh_from_db()
    assert unknown.status == "outcome_unknown"


def test_resolving_many_needs_the_permissions_of_resolving_one(
    api_for, make_user, recorded_run, recorder, money
):
    run = states.unknown(recorded_run, recorder, money)
    body = {"outcome": "again", "runs": [{"id": str(run.pk), "revision": run.revision}]}
    reader = api_for(make_user("view_run", username="reader"))
    assert code(reader.post("runs/bulk/resolve/", body)) == (403, "permission_denied")
    plain = api_for(make_user("change_run"))
    told = plain.post("runs/bulk/resolve/", body).json()["results"]
    assert [one["code"] for one in told] == ["permission_denied"]
    assert run.operations.count() == 0


@pytest.mark.parametrize("name", ["retry", "restart", "rerun"])
def test_setting_off_what_moves_money_needs_the_permission(
    api_for, make_user, recorded_run, recorder, money, name
):
    run = states.failed(recorded_run, recorder, money)
    plain = api_for(make_user("change_run", "view_payload"))
    assert code(plain.post(f"runs/{run.pk}/{name}/")) == (403, "permission_denied")
    bulk = plain.post("runs/bulk/", {"operation": name, "ids": [str(run.pk)]})
    assert bulk.json()["results"][0]["code"] == "permission_denied"
    both = api_for(make_user("change_run", "view_payload", "run_money_moving_workflow", username="both"))
    answer = both.post(f"runs/{run.pk}/{name}/")
    # Who may not view runs is told nothing of what has become of it.
    assert (answer.status_code, answer.content) == (204, b"")


def test_the_newest_version_may_move_money_where_the_runs_own_did_not(api_for, make_user, failed, money):
    document = lifecycle.create({**failed.version.document, "steps": [money]})
    version = lifecycle.activate(document)
    failed.workflow.active_version = version
    failed.workflow.save()
    plain = api_for(make_user("change_run"))
    assert code(plain.post(f"runs/{failed.pk}/rerun/")) == (403, "permission_denied")
    assert Run.objects.count() == 1


@pytest.mark.parametrize("outcome", ["happened", "did_not_happen", "again"])
def test_resolving_what_moves_money_needs_the_permission(
    api_for, make_user, recorded_run, recorder, money, outcome
):
    run = states.unknown(recorded_run, recorder, money)
    plain = api_for(make_user("change_run"))
    body = {"outcome": outcome, "revision": run.revision}
    assert code(plain.post(f"runs/{run.pk}/resolve/", body)) == (403, "permission_denied")
    run.refresh_from_db()
    assert (run.status, run.operations.count()) == ("outcome_unknown", 0)


@pytest.mark.parametrize("reason", HeldReason.values)
def test_releasing_what_moves_money_needs_the_permission(api_for, make_user, recorded_run, money, reason):
    run = states.held(recorded_run, money, reason=reason)
    plain = api_for(make_user("change_run"))
    assert code(plain.post(f"runs/{run.pk}/release/")) == (403, "permission_denied")
    bulk = plain.post("runs/bulk/", {"operation": "release", "ids": [str(run.pk)]})
    assert bulk.json()["results"][0]["code"] == "permission_denied"
    run.refresh_from_db()
    assert (run.status, run.operations.count()) == ("held", 0)


def test_pauses_a_workflow_with_a_reason_and_resumes_it(api, recorded_run):
    run = recorded_run(ONE, executed=False)
    paused = api.post(f"workflows/{run.workflow_id}/pause/", {"reason": "To look."}).json()
    assert (paused["paused_reason"], paused["paused_at"] is None) == ("To look.", False)
    assert code(api.post(f"workflows/{run.workflow_id}/pause/", {"reason": "Me too."})) == (
        409,
        "not_allowed",
    )
    execute(run.pk)
    assert api.post(f"workflows/{run.workflow_id}/resume/").json() == {"released": 1, "held_back": 0}
    assert code(api.post(f"workflows/{run.workflow_id}/resume/")) == (409, "not_allowed")


def test_a_draft_is_not_paused(api, recorder):
    from tests.workflows.documents import document

    draft = lifecycle.create(document(ONE))
    assert code(api.post(f"workflows/{draft.pk}/pause/")) == (409, "not_allowed")


def test_stops_everything_and_starts_it_again(api, recorded_run):
    run = recorded_run(ONE, executed=False)
    stopped = api.post("switch/", {"stopped": True, "reason": "Wrong."}).json()
    assert (stopped["stopped"], stopped["reason"], stopped["user"]) == (True, "Wrong.", "editor")
    execute(run.pk)
    assert api.get("switch/").json()["held"] == 1
    assert code(api.post(f"runs/{run.pk}/release/")) == (409, "not_allowed")
    assert api.post("switch/", {"stopped": True, "reason": "Second."}).json()["reason"] == "Wrong."
    assert api.post("switch/", {"stopped": False}).json()["held"] == 0
    run.refresh_from_db()
    assert run.status == "queued"


@pytest.mark.parametrize("body", [{}, {"stopped": "perhaps"}, {"stop": True}, {"stopped": None}])
def test_a_switch_that_is_not_said_clearly_is_not_turned(api, body):
    assert code(api.post("switch/", body)) == (400, "invalid")
    assert api.get("switch/").json()["stopped"] is False


@pytest.fixture
def undecided(recorded_run, money):
    return states.undecided(recorded_run, TWO | {"inputs": {"text": "after"}}, grave=money)


def test_an_undecided_run_says_what_may_be_chosen(api, undecided):
    body = api.get(f"runs/{undecided.pk}/").json()
    assert (body["status"], body["held_reason"]) == ("held", "undecided")
    assert (body["undecided"]["step"], body["undecided"]["title"]) == ("choose", "Branch on conditions")
    large, other = body["undecided"]["branches"]
    assert (large["key"], other) == ("large", {"key": "otherwise", "title": "All other cases"})
    assert "$15.00 USD" in large["title"]
    (step,) = body["steps"]
    assert (step["status"], step["branch"]) == ("waiting", "")
    assert step["explanation"][0]["evaluation"]["truth"] == "unknown"


def test_it_goes_on_down_the_branch_that_a_person_chose(api, undecided, recorder):
    body = {"branch": "large", "revision": undecided.revision, "note": "5,000 euros are large."}
    answer = api.post(f"runs/{undecided.pk}/choose/", body).json()
    assert (answer["status"], answer["undecided"], answer["held_reason"]) == ("queued", None, "")
    execute(undecided.pk)
    assert recorder.texts == ["ask", "after"]
    (done,) = api.get(f"runs/{undecided.pk}/").json()["operations"]
    assert (done["kind"], done["step"], done["branch"]) == ("choose", "choose", "large")
    assert (done["note"], done["user"]) == (body["note"], "editor")


def test_a_branch_is_chosen_once(api, undecided):
    body = {"branch": "otherwise", "revision": undecided.revision}
    assert api.post(f"runs/{undecided.pk}/choose/", body).status_code == 200
    assert code(api.post(f"runs/{undecided.pk}/choose/", body | {"branch": "large"})) == (409, "not_allowed")


def test_a_choice_that_was_seen_earlier_is_not_made_for_a_later_one(api, undecided):
    Run.objects.filter(pk=undecided.pk).update(claims=undecided.claims + 1)
    body = {"branch": "otherwise", "revision": undecided.revision}
    assert code(api.post(f"runs/{undecided.pk}/choose/", body)) == (409, "revision_conflict")
    undecided.refresh_from_db()
    assert undecided.status == "held"


def test_a_branch_that_does_not_exist_is_answered_with_those_that_do(api, undecided):
    answer = api.post(f"runs/{undecided.pk}/choose/", {"branch": "larg", "revision": undecided.revision})
    (problem,) = answer.json()["error"]["problems"]
    assert (answer.status_code, problem["path"], problem["code"]) == (400, "/branch", "unknown_branch")
    assert "large, otherwise" in problem["message"]


def test_only_an_undecided_run_has_a_branch_to_choose(api, recorded_run, undecided):
    held = states.held(recorded_run, ONE)
    answer = api.post(f"runs/{held.pk}/choose/", {"branch": "large", "revision": held.revision})
    assert code(answer) == (409, "not_allowed")
    assert api.get(f"runs/{held.pk}/").json()["undecided"] is None


def test_an_undecided_run_is_not_released(api, undecided):
    answer = api.post(f"runs/{undecided.pk}/release/")
    assert code(answer) == (409, "not_allowed")
    assert "chosen the branch" in answer.json()["error"]["message"]
    assert api.post(f"runs/{undecided.pk}/cancel/").json()["status"] == "canceled"


def test_choosing_where_money_moves_needs_the_permission_for_it(api_for, make_user, undecided):
    body = {"branch": "large", "revision": undecided.revision}
    poor = api_for(make_user("view_run", "change_run", username="poor"))
    assert code(poor.post(f"runs/{undecided.pk}/choose/", body)) == (403, "permission_denied")
    assert poor.post(f"runs/{undecided.pk}/cancel/").status_code == 200


def test_chooses_for_many_at_once(api, recorded_run, undecided, money):
    seen = [{"id": str(undecided.pk), "revision": undecided.revision}]
    held = states.held(recorded_run, ONE)
    seen += [{"id": str(held.pk), "revision": 0}, {"id": str(UUID(int=1)), "revision": 0}]
    results = api.post("runs/bulk/choose/", {"branch": "larg", "runs": seen[:1]}).json()["results"]
    assert [one["code"] for one in results] == ["unknown_branch"]
    results = api.post("runs/bulk/choose/", {"branch": "large", "runs": seen}).json()["results"]
    assert [(one["done"], one["code"]) for one in results] == [
        (True, ""),
        (False, "not_allowed"),
        (False, "not_found"),
    ]
