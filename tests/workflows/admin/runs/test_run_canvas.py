"""The canvas on the page of a run: what each card did."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from stripeflow.actions import errors
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.definition.titles import title_in
from stripeflow.workflows.models import Run
from stripeflow.workflows.operations import on_runs
from stripeflow.workflows.operations.choosing import choice_of
from tests.workflows.documents import action, branch, compare, group, usd, way
from tests.workflows.events import payment
from tests.workflows.waiting_runs import undecided

pytestmark = pytest.mark.django_db

LARGE = group(compare("trigger.amount", "greater_than", usd(1000)))
HUGE = group(compare("trigger.amount", "greater_than", usd(9999)))


def shown(client, run):
    response = client.get(reverse("admin:stripeflow_workflows_run_change", args=[run.pk]))
    assert response.status_code == 200
    return response


def cards(outline):
    found = {}
    for card in outline.cards:
        found[card.key] = card
        for one in card.ways:
            found |= cards(one)
    return found


def states(response):
    return {key: card.mark.state for key, card in cards(response.context["canvas"]).items()}


SIZES = branch(
    "size",
    way("huge", HUGE, action("never", text="a")),
    way("large", LARGE, action("surely", text="b")),
    otherwise=(action("else", text="c"),),
)


def test_the_way_taken_is_marked_and_the_rest_is_not_reached(browser, make_run):
    response = shown(browser, make_run(SIZES, action("last", text="d")))
    assert states(response) == {
        "size": "succeeded",
        "never": "not_reached",
        "surely": "succeeded",
        "else": "not_reached",
        "last": "succeeded",
    }
    (step,) = [card for card in response.context["canvas"].cards if card.key == "size"]
    assert [one.mark.state for one in step.ways] == ["not_taken", "taken", "not_needed"]


def test_cards_lead_to_their_details_on_the_page(browser, make_run):
    page = shown(browser, make_run(SIZES)).content.decode()
    for key in ("size", "surely"):
        assert f'href="#step-{key}" data-sf-show' in page
        assert page.count(f'id="step-{key}"') == page.count(f'id="card-step-{key}"') == 1
    assert 'id="card-step-never"' in page
    assert 'href="#step-never"' not in page


def test_a_failed_step_says_why_on_its_card(browser, recorder, make_run):
    recorder.then(errors.PermanentError("Refused by the bank."))
    response = shown(browser, make_run(action("one", text="a"), action("two", text="b")))
    assert states(response) == {"one": "failed", "two": "not_reached"}
    notes = cards(response.context["canvas"])["one"].mark.notes
    assert [(note.text, note.tone) for note in notes][0] == ("Refused by the bank.", "failed")


def test_a_waiting_run_has_steps_still_to_come(browser, recorder, make_run):
    recorder.then(errors.TransientError("Try later."))
    response = shown(browser, make_run(action("one", text="a"), SIZES))
    assert states(response)["one"] == "waiting"
    assert states(response)["size"] == states(response)["surely"] == "to_come"


def test_an_unknown_outcome_is_marked(browser, recorder, make_run):
    recorder.then(errors.UnknownOutcome("No answer."))
    assert states(shown(browser, make_run(action("one", "test.ask", text="a")))) == {"one": "outcome_unknown"}


def test_values_are_on_the_cards(browser, make_run):
    response = shown(browser, make_run(action("one", text="For {{ trigger.customer }}")))
    (note,) = cards(response.context["canvas"])["one"].mark.notes
    assert (note.label, note.text) == ("Text", "For cus_test")


def test_without_the_permission_no_value_is_on_the_canvas(blind, make_run):
    run = make_run(action("one", text="For {{ trigger.customer }}"), obj=payment(234_567))
    assert cards(shown(blind, run).context["canvas"])["one"].mark.notes == ()
    assert "cus_test" not in shown(blind, run).content.decode()


def test_what_the_version_says_is_not_on_the_canvas(browser, make_run):
    # The definition's own inputs are for people who may see workflows.
    response = shown(browser, make_run(action("one", text="literal text"), executed=False))
    assert "literal text" not in response.content.decode()


def test_nothing_on_it_can_be_edited(client_for, make_run):
    browser = client_for("view_run", "view_event", "view_payload", "change_workflow", "view_workflow")
    page = shown(browser, make_run(SIZES)).content.decode()
    assert "/step/add/" not in page
    assert "data-sf-place" not in page


def test_fifty_steps_take_as_many_queries_as_one(browser, make_run):
    short = make_run(action("one", text="a"))
    long = make_run(*(action(f"step_{number}", text="a") for number in range(50)))
    shown(browser, short)
    with CaptureQueriesContext(connection) as few:
        shown(browser, short)
    with CaptureQueriesContext(connection) as many:
        shown(browser, long)
    assert len(many) == len(few)
    assert Run.objects.get(pk=long.pk).steps.count() == 50


def test_a_branch_without_a_name_has_one_title(browser, make_run, money):
    run = undecided(make_run, grave=money)
    (card,) = shown(browser, run).context["canvas"].cards
    titles = {
        card.title,
        choice_of(run).title,
        run.error["step_name"],
        title_in(run.version.document, "choose"),
    }
    assert titles == {"Branch on conditions"}


def test_an_undecided_branch_and_the_choice_of_a_person_are_marked(browser, make_run, money):
    run = undecided(make_run, grave=money)
    (step,) = shown(browser, run).context["canvas"].cards
    assert (step.mark.state, step.mark.label) == ("waiting", "Undecided")
    assert [(one.mark.state, one.mark.label) for one in step.ways] == [("to_come", "To be chosen")] * 2
    on_runs.choose(run, "large", Act(user=browser.user), revision=run.revision)
    (step,) = shown(browser, run).context["canvas"].cards
    large, other = step.ways
    assert (large.mark.state, large.mark.label) == ("taken", "Chosen by staff")
    assert other.mark.state == "not_needed"
