"""The gallery of templates draws each one small, and tells the same in words."""

import re
from html.parser import HTMLParser

import pytest
from django.contrib.auth.models import Permission

from stripeflow.workflows.admin.editor import gallery
from stripeflow.workflows.workflow_templates import template, templates
from tests.workflows.admin.addresses import address

pytestmark = pytest.mark.django_db
GALLERY = address("workflow", "templates")
VOID = {"input", "link", "meta", "br", "img", "hr"}
OPERATED = {"a", "button", "input", "form", "details", "script", "style", "img"}
QUERIES = 5


class Parts(HTMLParser):
    """The words of a page that are drawn in pictures, those that are not, and the tags within pictures."""

    def __init__(self, page):
        super().__init__()
        self.depth = self.within = 0
        self.drawn, self.read, self.tags = [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.depth += tag not in VOID
        if dict(attributes).get("class") == "sf-picture":
            assert dict(attributes)["aria-hidden"] == "true"
            self.within = self.depth
        if self.within:
            self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        if self.depth == self.within:
            self.within = 0
        self.depth -= tag not in VOID

    def handle_data(self, data):
        if data.strip():
            (self.drawn if self.within else self.read).append(data.strip())


@pytest.fixture
def page(editor):
    return editor.get(GALLERY).content.decode()


def test_every_step_and_branch_is_drawn(page):
    drawn = Parts(page).drawn
    for said in ("Payment intent succeeded", "Ask for a thank-you note", "Refund the charge"):
        assert said in drawn
    assert drawn.count("All other cases") > 2


def test_nothing_in_a_picture_can_be_operated_or_brings_a_style(page):
    tags = Parts(page).tags
    assert tags
    assert not OPERATED & {tag for tag, _ in tags}
    assert not any({"style", "tabindex", "draggable"} & attributes.keys() for _, attributes in tags)


def test_ids_are_unique(page):
    found = re.findall(r'\bid="([^"]+)"', page)
    assert "fraud_warnings-step-refund_charge" in found
    assert len(found) == len(set(found))


def test_the_same_is_reported_in_words(page):
    read = " ".join(" ".join(Parts(page).read).split())
    assert "Trigger: Payment intent succeeded If amount is greater than $1,000.00 USD" in read
    fraud = (
        "Retrieve the charge Is it less than the dispute fee? "
        "If Retrieve the charge › Amount is less than $15.00 USD: Refund the charge (moves money) "
        "All other cases: Ask a team member to investigate"
    )
    assert fraud in read
    assert "All other cases: Nothing happens here." in read


def test_a_templates_canvas_shows_all_that_it_does_and_changes_nothing(editor):
    page = editor.get(f"{GALLERY}fraud_warnings/").content.decode()
    drawn = page.partition('class="sf-tree"')[2].partition('class="sf-editor-side"')[0]
    for said in (
        "Refund the charge",
        "If less is left, refund that",
        "Early fraud warning: please investigate",
    ):
        assert said in drawn
    for operated in ("<a ", "<form", "<button", "draggable"):
        assert operated not in drawn


def test_more_templates_ask_no_more_of_the_database(editor, monkeypatch, django_assert_num_queries):
    editor.get(GALLERY)
    with django_assert_num_queries(QUERIES):
        editor.get(GALLERY)
    monkeypatch.setattr(gallery, "offered", lambda: templates() + (template("fraud_warnings"),) * 5)
    # The saved ones are not read here.
    with django_assert_num_queries(QUERIES - 1):
        shown = editor.get(GALLERY).content.count(b'class="sf-picture"')
    assert shown == len(templates()) + 5


def test_they_stand_by_what_they_are_good_for(editor):
    groups = editor.get(GALLERY).context["groups"]
    assert [str(label) for label, _ in groups][:2] == ["Recover money", "Prevent loss"]
    assert sum(len(entries) for _, entries in groups) == len(templates())


def test_only_those_are_shown_that_the_reader_may_activate(editor, django_user_model):
    page = editor.get(GALLERY).content.decode()
    assert "Show only those that I may activate" in page
    assert "Can activate and run workflows that move money" in page
    user = django_user_model.objects.get(username="editor")
    user.user_permissions.add(*Permission.objects.filter(codename="view_payload"))
    groups = editor.get(f"{GALLERY}?mine=1").context["groups"]
    shown = {entry.template.key for _, entries in groups for entry in entries}
    assert "dispute_deadline" in shown
    assert not shown & {"refund_on_request", "tag_customers"}
