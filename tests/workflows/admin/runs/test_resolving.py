"""The list's action on many unknown outcomes, and the page that asks."""

import re
from uuid import UUID

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from stripeflow.workflows.admin.runs import resolving
from stripeflow.workflows.admin.runs.operating import now_text
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.operations.resolving import mark_of
from tests.workflows import waiting_runs as states
from tests.workflows.documents import action

pytestmark = pytest.mark.django_db

ONE, TWO = action("one", "test.ask", text="a"), action("two", text="{{ steps.one.text }}")
LIST = reverse("admin:stripeflow_workflows_run_changelist")
RESOLVE = reverse("admin:stripeflow_workflows_run_resolve_many")


@pytest.fixture
def operator(client_for):
    return client_for("view_run", "view_workflow", "change_run", username="operator")


@pytest.fixture
def alone(make_run, recorder):
    return states.unknown(make_run, recorder, ONE)


@pytest.fixture
def needed(make_run, recorder):
    return states.unknown(make_run, recorder, ONE, TWO)


def ask(client, runs):
    chosen = {"action": "resolve", "_selected_action": [str(run.pk) for run in runs], "index": 0}
    return client.post(LIST, {**chosen, "seen_at": now_text()})


def say(client, runs, outcome, **boxes):
    for run in runs:
        run.refresh_from_db()
    return send(client, [mark_of(run) for run in runs], outcome, **boxes)


def send(client, marks, outcome, **boxes):
    response = client.post(RESOLVE, {"run": marks, "outcome": outcome, **boxes})
    return response, [str(one) for one in get_messages(response.wsgi_request)]


def statuses(*runs):
    for run in runs:
        run.refresh_from_db()
    return [run.status for run in runs]


@pytest.mark.parametrize("outcome", ["happened", "did_not_happen", "again"])
def test_what_was_resolved_since_the_page_was_made_is_not_resolved_by_it(
    operator, alone, make_run, recorder, outcome
):
    other = states.unknown(make_run, recorder, ONE)
    page = ask(operator, [alone, other]).content.decode()
    marks = re.findall(r'name="run" value="([^"]+)"', page)
    assert sorted(marks) == sorted(map(mark_of, [alone, other]))
    say(operator, [alone], "again")
    execute(alone.pk)
    states.lose_answer(alone, "one")
    _response, said = send(operator, marks, outcome)
    assert said[-1].startswith("1 run was left as it is, since it is not as you saw it")
    assert "has changed since the revision" in said[-1]
    assert statuses(alone, other) == ["outcome_unknown", "queued"]
    say(operator, [alone], "did_not_happen")
    assert [one.kind for one in alone.operations.all()] == ["again", "did_not_happen"]


def test_asks_before_it_does_anything(operator, alone, needed):
    page = ask(operator, [alone, needed]).content.decode()
    for run in (alone, needed):
        assert f'value="{mark_of(run)}"' in page
    assert page.count("outputs needed") == 1
    assert page.count(">a new call<") == 2
    assert "2 of them are new calls" in page
    assert "1 run is left out" in page
    assert statuses(alone, needed) == ["outcome_unknown"] * 2


def test_calls_that_stripe_still_knows_can_not_happen_twice(operator, make_run, recorder):
    run = states.unknown(make_run, recorder, action("one", text="a"))
    page = ask(operator, [run]).content.decode()
    assert "nothing can happen twice" in page
    assert "a new call" not in page


def test_what_is_known_is_not_asked(operator, alone, make_run):
    known = make_run(TWO | {"inputs": {"text": "a"}})
    response = ask(operator, [alone, known])
    assert str(known.pk) not in response.content.decode()
    assert "1 of the chosen runs has no unknown outcome" in response.content.decode()
    response = ask(operator, [known])
    assert response.status_code == 302


def test_a_page_names_no_more_than_can_be_done_at_once(operator, alone, needed, monkeypatch):
    monkeypatch.setattr(resolving, "MAX_AT_ONCE", 1)
    page = ask(operator, [alone, needed]).content.decode()
    assert page.count('name="run"') == 1
    assert "1 more are left" in page
    response, _said = say(operator, [alone, needed], "again")
    assert response.status_code == 404
    assert statuses(alone, needed) == ["outcome_unknown"] * 2


def test_says_what_was_done_and_what_needs_a_look_of_its_own(operator, alone, needed):
    _response, said = say(operator, [alone, needed], "happened", note="Seen.")
    assert said[0] == "1 step did happen, as you say; its run goes on."
    assert "later steps need" in said[1]
    assert str(needed.pk) in said[1]
    assert statuses(alone, needed) == ["queued", "outcome_unknown"]
    assert [(one.note, one.user) for one in alone.operations.all()] == [("Seen.", operator.user)]


def test_a_second_click_does_nothing_twice(operator, alone):
    say(operator, [alone], "again")
    _response, said = say(operator, [alone], "again")
    assert said[-1].startswith("1 run was left as it is")
    assert alone.operations.count() == 1


def test_nothing_ticked_is_nothing_done(operator, alone):
    _response, said = say(operator, [], "again")
    assert said == ["No run was selected, so nothing was done."]
    assert statuses(alone) == ["outcome_unknown"]


@pytest.mark.parametrize(
    "boxes",
    [
        {"outcome": ""},
        {"outcome": "perhaps"},
        {"outcome": "again", "run": ["1"]},
        {"outcome": "again", "run": [str(UUID(int=1))]},
        {"outcome": "again", "run": [f"{UUID(int=1)}:new"]},
    ],
)
def test_a_form_that_is_none_of_ours_does_nothing(operator, alone, boxes):
    assert operator.post(RESOLVE, {"run": [mark_of(alone)], **boxes}).status_code == 404
    assert operator.get(RESOLVE).status_code == 404
    assert statuses(alone) == ["outcome_unknown"]


def test_readers_can_not_resolve(browser, alone):
    ask(browser, [alone])
    response, _said = say(browser, [alone], "again")
    assert response.status_code == 403
    assert statuses(alone) == ["outcome_unknown"]


def test_what_moves_money_needs_the_permission(operator, make_run, recorder, money):
    run = states.unknown(make_run, recorder, money)
    assert "needs a permission" in ask(operator, [run]).content.decode()
    _response, said = say(operator, [run], "again")
    assert "you lack a permission" in said[0]
    assert statuses(run) == ["outcome_unknown"]
