"""Buttons on the page of a run, the question of an unknown outcome, and actions on many runs."""

import re
from uuid import UUID

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from stripeflow.workflows.admin.runs.operating import now_text
from stripeflow.workflows.audit.acts import NOBODY
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.limits import pausing, switch
from stripeflow.workflows.models import Run
from stripeflow.workflows.operations import lifecycle, on_runs
from tests.workflows import waiting_runs as states
from tests.workflows.blocks.waits.steps import wait
from tests.workflows.documents import action

pytestmark = pytest.mark.django_db

ONE, TWO = action("one", "test.ask", text="pi_3Abc12345"), action("two", text="{{ steps.one.text }}")
LIST = "/admin/stripeflow_workflows/run/"
ALL = ("cancel", "retry", "release", "wake", "restart", "rerun")


@pytest.fixture(autouse=True)
def _fresh():
    switch.forget()
    yield
    switch.forget()


@pytest.fixture
def operator(client_for):
    """The browser of somebody who may do anything to runs that move no money."""
    return client_for("view_run", "view_workflow", "change_run", "view_payload", username="operator")


@pytest.fixture
def failed(make_run, recorder):
    return states.failed(make_run, recorder, ONE, TWO)


@pytest.fixture
def unknown(make_run, recorder):
    return states.unknown(make_run, recorder, ONE, TWO)


def address(run, name="change"):
    return reverse(f"admin:stripeflow_workflows_run_{name}", args=[run.pk])


def press(client, run, name, *, seen=None, **boxes):
    """Press a button; the answer, and what the next page says."""
    shown = {"seen_at": seen or now_text(), "revision": run.revision}
    response = client.post(address(run, name), {**shown, **boxes})
    return response, " ".join(str(one) for one in get_messages(response.wsgi_request))


def buttons(client, run):
    page = client.get(address(run)).content.decode()
    return {name for name in (*ALL, "resolve") if address(run, name) in page}


def test_a_page_offers_what_the_state_allows(operator, make_run, failed, unknown):
    assert buttons(operator, failed) == {"retry", "restart"}
    assert buttons(operator, unknown) == {"cancel", "resolve"}
    assert buttons(operator, make_run(TWO | {"inputs": {"text": "a"}})) == {"restart"}
    assert buttons(operator, states.held(make_run, ONE)) == {"cancel", "release"}


def test_the_newest_version_is_offered_once_there_is_another_one(operator, failed):
    lifecycle.activate(failed.workflow)
    assert buttons(operator, failed) == {"retry", "restart", "rerun"}


def test_a_reader_has_no_buttons(browser, failed, unknown):
    assert buttons(browser, failed) == buttons(browser, unknown) == set()


@pytest.mark.parametrize("name", [*ALL, "resolve"])
def test_a_reader_can_not_press_them_either(browser, failed, name):
    response, _said = press(browser, failed, name, outcome="happened")
    assert response.status_code == 403
    assert failed.operations.count() == 0


@pytest.mark.parametrize("name", [*ALL, "resolve"])
def test_buttons_are_posts_of_our_own_pages(operator, failed, name):
    assert operator.get(address(failed, name)).status_code == 404
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(operator.user)
    assert strict.post(address(failed, name), {"seen_at": now_text()}).status_code == 403
    assert (
        operator.post(reverse("admin:stripeflow_workflows_run_retry", args=[UUID(int=1)])).status_code == 404
    )


@pytest.mark.parametrize("seen", ["", "yesterday", "2026-99-99T00:00:00Z", "2026-01-01T00:00:00"])
def test_a_form_that_is_none_of_ours_does_nothing(operator, failed, seen):
    assert operator.post(address(failed, "restart"), {"seen_at": seen}).status_code == 404
    assert Run.objects.count() == 1


def test_a_second_click_retries_nothing_twice(operator, failed):
    _response, first = press(operator, failed, "retry", note="Mended.")
    _response, second = press(operator, failed, "retry")
    assert "Retrying from the step that failed." in first
    assert "cannot be done now" in second
    assert [(one.kind, one.note, one.user) for one in failed.operations.all()] == [
        ("retry", "Mended.", operator.user)
    ]


def test_a_second_click_starts_nothing_twice(operator, failed):
    seen = now_text()
    response, first = press(operator, failed, "restart", seen=seen)
    new = failed.reruns.get()
    assert response["Location"] == address(new)
    execute(new.pk)
    response, second = press(operator, failed, "restart", seen=seen)
    assert "This is the new run" in first
    assert "Nothing was done twice" in second
    assert failed.reruns.count() == 1
    press(operator, failed, "restart")
    assert failed.reruns.count() == 2


def test_cancels_and_releases(operator, make_run):
    waits, held = make_run(ONE, executed=False), states.held(make_run, ONE)
    press(operator, waits, "cancel")
    press(operator, held, "release")
    waits.refresh_from_db()
    held.refresh_from_db()
    assert (waits.status, held.status) == ("canceled", "queued")


def test_ends_a_wait(operator, make_run, recorder):
    run = make_run(wait(), action("after", text="a"))
    assert buttons(operator, run) == {"cancel", "wake"}
    _response, said = press(operator, run, "wake")
    assert "The wait is over." in said
    execute(run.pk)
    assert recorder.texts == ["a"]
    assert "Ended its wait" in operator.get(address(run)).content.decode()


def test_ends_waits_in_bulk(operator, make_run, recorder):
    waiting, done = make_run(wait()), make_run(action("one", text="a"))
    boxes = {"action": "wake", "_selected_action": [str(waiting.pk), str(done.pk)], "seen_at": now_text()}
    answer = operator.post(LIST, boxes)
    said = " ".join(str(one) for one in get_messages(answer.wsgi_request))
    assert "The wait of 1 run is over." in said
    assert "1 run was left as it is, since its state does not allow it" in said


def two_waits(make_run):
    """A run at its second wait, and when somebody saw it at its first one."""
    run = make_run(wait(), {**wait(), "key": "again"})
    seen = now_text()
    on_runs.wake(run, NOBODY)
    execute(run.pk)
    return run, seen


def test_an_old_page_does_not_end_the_next_wait(operator, make_run):
    run, seen = two_waits(make_run)
    _response, said = press(operator, run, "wake", seen=seen)
    assert "has come to another wait" in said
    assert run.operations.count() == 1


def test_an_old_list_does_not_end_the_next_wait(operator, make_run):
    run, seen = two_waits(make_run)
    answer = operator.post(LIST, {"action": "wake", "_selected_action": [str(run.pk)], "seen_at": seen})
    said = " ".join(str(one) for one in get_messages(answer.wsgi_request))
    assert "1 run was left as it is, since it is not as you saw it any more" in said
    assert run.operations.count() == 1


def test_a_run_of_a_paused_workflow_is_not_released(operator, make_run):
    run = states.held(make_run, ONE, reason="paused")
    pausing.pause(run.workflow_id, "To look.")
    assert buttons(operator, run) == {"cancel"}
    _response, said = press(operator, run, "release")
    assert "paused" in said


def test_an_unknown_outcome_is_a_question(operator, unknown):
    page = operator.get(address(unknown)).content.decode()
    for part in (
        "We do not know whether this step happened",
        "No answer came.",
        "https://dashboard.stripe.com/test/payments/pi_3Abc12345",
        "it happens a second time",
        ">{}</textarea>",
        "Its fields: text",
    ):
        assert part in page
    assert page.count('name="outcome"') == 3


def test_a_keyed_call_of_today_can_be_done_again_safely(operator, make_run, recorder):
    run = states.unknown(make_run, recorder, action("one", text="a"))
    page = operator.get(address(run)).content.decode()
    assert "it cannot happen twice" in page
    assert "it happens a second time" not in page


def test_what_it_would_have_done_needs_the_permission(client_for, unknown):
    blind = client_for("view_run", "change_run", username="without")
    assert "pi_3Abc12345" not in blind.get(address(unknown)).content.decode()


def test_says_that_it_happened_with_outputs_and_a_note(operator, unknown, recorder):
    boxes = {"outcome": "happened", "outputs": '{"text": "told"}', "note": "It is there."}
    _response, said = press(operator, unknown, "resolve", **boxes)
    assert "The run goes on" in said
    execute(unknown.pk)
    assert recorder.texts == ["pi_3Abc12345", "told"]
    assert [(one.kind, one.note) for one in unknown.operations.all()] == [("happened", "It is there.")]


@pytest.mark.parametrize(("outcome", "calls"), [("did_not_happen", 1), ("again", 3)])
def test_says_that_it_did_not_happen_or_has_it_done_again(operator, unknown, recorder, outcome, calls):
    press(operator, unknown, "resolve", outcome=outcome)
    execute(unknown.pk)
    assert len(recorder.calls) == calls


def test_two_people_resolve_it_once(operator, client_for, unknown):
    other = client_for("view_run", "change_run", username="other")
    press(operator, unknown, "resolve", outcome="happened", outputs="{}")
    _response, said = press(other, unknown, "resolve", outcome="again")
    assert "cannot be done now" in said
    assert unknown.operations.count() == 1


@pytest.mark.parametrize("outcome", ["happened", "did_not_happen", "again"])
def test_what_was_resolved_since_the_page_was_made_is_not_resolved_by_it(operator, unknown, outcome):
    page = operator.get(address(unknown)).content.decode()
    (seen,) = set(re.findall(r'name="revision" value="(\d+)"', page))
    assert page.count('name="revision"') == 3
    press(operator, unknown, "resolve", outcome="again", revision=seen)
    execute(unknown.pk)
    states.lose_answer(unknown, "one")
    _response, said = press(operator, unknown, "resolve", outcome=outcome, revision=seen)
    assert "has changed since the revision" in said
    unknown.refresh_from_db()
    assert (unknown.status, unknown.operations.count()) == ("outcome_unknown", 1)


def test_what_was_typed_is_about_what_was_seen_even_where_it_is_shown_again(operator, unknown):
    seen = unknown.revision
    press(operator, unknown, "resolve", outcome="again")
    execute(unknown.pk)
    states.lose_answer(unknown, "one")
    response, _said = press(operator, unknown, "resolve", outcome="happened", outputs="{", revision=seen)
    page = response.content.decode()
    assert set(re.findall(r'name="revision" value="(\d+)"', page)) == {str(seen)}


@pytest.mark.parametrize("revision", ["", "new", "1.5"])
def test_a_form_that_says_not_what_was_seen_resolves_nothing(operator, unknown, revision):
    response, _said = press(operator, unknown, "resolve", outcome="again", revision=revision)
    assert response.status_code == 404
    unknown.refresh_from_db()
    assert unknown.status == "outcome_unknown"


@pytest.mark.parametrize("text", ["{", "[]", "NaN", "7", '{"a": NaN}', "[" * 5000, '{"a": "\\ud800"}'])
def test_outputs_that_are_no_object_are_shown_again(operator, unknown, text):
    response, _said = press(operator, unknown, "resolve", outcome="happened", outputs=text, note="Kept.")
    page = response.content.decode()
    assert response.status_code == 200
    assert "The outputs" in page
    assert 'value="Kept."' in page
    unknown.refresh_from_db()
    assert unknown.status == "outcome_unknown"


@pytest.mark.parametrize("name", ["retry", "restart"])
def test_what_moves_money_needs_the_permission(operator, client_for, make_run, recorder, money, name):
    run = states.failed(make_run, recorder, money)
    assert buttons(operator, run) == set()
    response, _said = press(operator, run, name)
    assert response.status_code == 403
    both = client_for("view_run", "change_run", "run_money_moving_workflow", username="both")
    assert name in buttons(both, run)
    response, _said = press(both, run, name)
    assert response.status_code == 302


@pytest.mark.parametrize("outcome", ["happened", "did_not_happen", "again"])
def test_without_it_nothing_is_said_of_an_unknown_outcome(operator, make_run, recorder, money, outcome):
    run = states.unknown(make_run, recorder, money)
    page = operator.get(address(run)).content.decode()
    assert 'name="outcome"' not in page
    assert "Saying what became of it lets the run act again" in page
    assert "This workflow moves money or destroys something" in page
    response, _said = press(operator, run, "resolve", outcome=outcome)
    assert response.status_code == 403
    run.refresh_from_db()
    assert (run.status, run.operations.count()) == ("outcome_unknown", 0)


def test_without_it_a_held_run_stays_held(operator, client_for, make_run, money):
    run = states.held(make_run, money, reason="restored")
    assert buttons(operator, run) == {"cancel"}
    assert "This workflow moves money or destroys something" in operator.get(address(run)).content.decode()
    response, _said = press(operator, run, "release")
    assert response.status_code == 403
    run.refresh_from_db()
    assert (run.status, run.operations.count()) == ("held", 0)
    both = client_for("view_run", "change_run", "run_money_moving_workflow", username="both")
    press(both, run, "release")
    run.refresh_from_db()
    assert run.status == "queued"


def choose(client, verb, runs, **boxes):
    sent = {"action": verb, "_selected_action": [str(run.pk) for run in runs], "index": 0}
    response = client.post(LIST, {**sent, "seen_at": now_text(), **boxes})
    return response, [str(one) for one in get_messages(response.wsgi_request)]


def test_many_runs_are_retried_and_the_others_are_reported(operator, failed, make_run, unknown):
    waits = make_run(ONE, executed=False)
    _response, said = choose(operator, "retry", [failed, waits, unknown])
    assert said[0] == "1 run is tried again from the step that failed."
    assert said[1].startswith("2 runs were left as they are")
    assert str(waits.pk) in said[1]
    failed.refresh_from_db()
    assert failed.status == "queued"


def test_a_second_click_starts_none_of_many_twice(operator, failed):
    seen = now_text()
    choose(operator, "restart", [failed], seen_at=seen)
    _response, said = choose(operator, "restart", [failed], seen_at=seen)
    assert "Nothing was done twice" in said[-1]
    assert failed.reruns.count() == 1


def test_many_runs_that_move_money_are_left_without_the_permission(operator, make_run, recorder, money):
    run = states.failed(make_run, recorder, money)
    _response, said = choose(operator, "retry", [run])
    assert "you lack a permission" in said[0]
    assert run.operations.count() == 0


def test_the_list_offers_readers_no_actions(browser, operator, failed):
    assert 'name="action"' not in browser.get(LIST).content.decode()
    page = operator.get(LIST).content.decode()
    assert [f'value="{verb}"' in page for verb in ALL] == [True] * len(ALL)
    assert 'name="seen_at"' in page
    choose(browser, "cancel", [failed])
    assert failed.operations.count() == 0


def test_pages_say_that_everything_is_stopped(operator, browser, failed):
    switch.stop(user=operator.user, reason="Wrong refunds.")
    for where in (address(failed), LIST):
        page = browser.get(where).content.decode()
        assert "All workflows are stopped" in page
        assert "Wrong refunds." in page
        assert "Open the kill switch" not in page


@pytest.fixture
def undecided(make_run, money):
    return states.undecided(make_run, grave=money)


@pytest.fixture
def trusted(client_for):
    """The browser of somebody who may have money moved."""
    codes = ("view_run", "view_workflow", "change_run", "view_payload", "run_money_moving_workflow")
    return client_for(*codes, username="trusted")


def test_an_undecided_run_asks_for_its_branch_by_title_with_what_was_seen(trusted, undecided):
    page = trusted.get(address(undecided)).content.decode()
    assert "Choose the branch" in page
    assert "Take “If amount is greater than $15.00 USD”" in page
    assert "Take “All other cases”" in page
    assert "which cannot be compared with an amount in USD" in page
    assert page.count("cannot be undone") == 1
    assert address(undecided, "release") not in page
    assert address(undecided, "cancel") in page


def test_the_branch_that_is_pressed_is_taken_and_reported(trusted, undecided, recorder):
    _answer, told = press(trusted, undecided, "choose", branch="large", note="It is large.")
    assert "The branch is chosen" in told
    execute(undecided.pk)
    assert recorder.texts == ["ask"]
    page = trusted.get(address(undecided)).content.decode()
    assert "Chose the branch “If amount is greater than $15.00 USD”</b>: It is large." in page
    assert "Chosen by trusted, since a condition was unknown." in page
    assert "Choose the branch</h2>" not in page


def test_who_may_not_have_money_moved_can_not_choose(operator, undecided):
    page = operator.get(address(undecided)).content.decode()
    assert address(undecided, "choose") not in page
    assert "Choosing lets the run act. This workflow moves money or destroys something" in page
    response, _told = press(operator, undecided, "choose", branch="large")
    assert response.status_code == 403
    undecided.refresh_from_db()
    assert undecided.status == "held"


def test_a_choice_that_somebody_made_meanwhile_stands(trusted, undecided, recorder):
    press(trusted, undecided, "choose", branch="large")
    _answer, told = press(trusted, undecided, "choose", branch="otherwise")
    assert "has no branch to be chosen" in told
    execute(undecided.pk)
    assert recorder.texts == ["ask"]


def test_undecided_runs_are_canceled_in_bulk_and_not_released(trusted, undecided):
    choose_many(trusted, "release", undecided)
    undecided.refresh_from_db()
    assert undecided.status == "held"
    choose_many(trusted, "cancel", undecided)
    undecided.refresh_from_db()
    assert undecided.status == "canceled"
    page = trusted.get(address(undecided)).content.decode()
    assert "To be chosen" not in page


def choose_many(client, verb, run):
    boxes = {"action": verb, "_selected_action": [str(run.pk)], "seen_at": now_text()}
    client.post(LIST, boxes)
