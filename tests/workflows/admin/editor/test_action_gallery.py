"""The gallery of actions shows first what a person has marked, and what was used last."""

import re

import pytest

from stripeflow.workflows.admin.editor import favourites
from stripeflow.workflows.models import FavouriteAction
from stripeflow.workflows.operations import lifecycle
from tests.workflows.admin.addresses import address
from tests.workflows.documents import action, document

pytestmark = pytest.mark.django_db
VOID, CANCEL = "stripe.invoices.void_invoice", "stripe.subscriptions.cancel"


@pytest.fixture
def workflow():
    return lifecycle.create(document(action("one", CANCEL, subscription="sub_1")))


def gallery(client, workflow):
    return client.get(address("step", "add", workflow=workflow.pk, position=0)).content.decode()


def star(client, workflow, **sent):
    return client.post(address("step", "favourite", workflow=workflow.pk, position=0), sent)


def sections(page):
    """The keys of the actions of each section, by its title."""
    parts = re.split(r'<h2 class="sf-section-title">([^<]*)</h2>', page)
    return {
        title: re.findall(r"action=([\w.]+)\"", body)
        for title, body in zip(parts[1::2], parts[2::2], strict=True)
    }


def test_a_star_puts_an_action_first_for_who_has_set_it(editor, client_with, workflow):
    answer = star(editor, workflow, add=VOID)
    assert answer.status_code == 302
    page = editor.get(answer.url).content.decode()
    assert sections(page)["Favourites"] == [VOID]
    assert page.index(">Favourites<") < page.index(">Recently used<") < page.index(">Flow<")
    assert page.count(f'name="remove" value="{VOID}" aria-pressed="true"') == 2
    other = client_with("change_workflow", "view_workflow", username="other")
    assert "Favourites" not in sections(gallery(other, workflow))
    star(editor, workflow, remove=VOID)
    assert "Favourites" not in sections(gallery(editor, workflow))


def test_what_was_used_last_is_shown_once(editor, workflow):
    lifecycle.create(document(action("one", VOID, invoice="in_1"), action("two", "gone.action")))
    assert sections(gallery(editor, workflow))["Recently used"] == [VOID, CANCEL]
    star(editor, workflow, add=VOID)
    assert sections(gallery(editor, workflow))["Recently used"] == [CANCEL]


@pytest.mark.parametrize(
    "sent", [{}, {"add": "gone.action"}, {"add": "a\0b"}, {"remove": "a b"}, {"add": "x" * 200}]
)
def test_what_is_no_action_gets_no_star(editor, workflow, sent):
    assert star(editor, workflow, **sent).status_code == 404
    assert not FavouriteAction.objects.exists()


def test_a_person_has_not_more_stars_than_they_can_read(editor, workflow, monkeypatch):
    monkeypatch.setattr(favourites, "MOST", 1)
    for key in (VOID, CANCEL):
        star(editor, workflow, add=key)
    assert [one.action for one in FavouriteAction.objects.all()] == [VOID]


def test_looking_marks_nothing(editor, workflow):
    where = address("step", "favourite", workflow=workflow.pk, position=0)
    assert editor.get(where, {"add": VOID}).status_code == 404
