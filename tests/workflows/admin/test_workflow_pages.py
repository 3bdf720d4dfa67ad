import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from stripeflow.workflows.models import Workflow
from stripeflow.workflows.operations import lifecycle
from stripeflow.workflows.workflow_templates import template
from tests.workflows.admin.addresses import address
from tests.workflows.admin.pages import fill
from tests.workflows.documents import action, branch, compare, document, group, usd, way

pytestmark = pytest.mark.django_db

LIST = "workflow", "changelist"


def make(key="tag_customers", **options):
    return lifecycle.create(template(key).document({"recipients": ["editor"]}), **options)


def queries_of(client, where):
    client.get(where)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(where).status_code == 200
    return len(captured)


def test_the_list_tells_the_trigger_in_words(editor):
    workflow = make()
    page = editor.get(address(*LIST)).content.decode()
    assert "Payment intent succeeded, if amount is greater than $1,000.00 USD" in page
    assert address(workflow) in page


def test_the_list_marks_unpublished_changes(editor):
    workflow = make("personalize_orders")
    lifecycle.activate(workflow)
    assert "Unpublished changes" not in editor.get(address(*LIST)).content.decode()
    workflow.steps.update(name="Changed")
    assert "Unpublished changes" in editor.get(address(*LIST)).content.decode()


def test_the_list_shows_the_last_run(editor, finish):
    finish(action("one"))
    page = editor.get(address(*LIST)).content.decode()
    assert "sf-pill-run-succeeded" in page


def test_the_list_costs_the_same_for_any_number_of_workflows(editor):
    make()
    one = queries_of(editor, address(*LIST))
    for key in ("tag_customers", "fraud_warnings", "personalize_orders") * 3:
        lifecycle.activate(make(key))
    assert queries_of(editor, address(*LIST)) == one


def test_archived_workflows_are_out_of_the_way(editor):
    lifecycle.archive(make())
    counts = [
        editor.get(address(*LIST, **query)).context["cl"].result_count
        for query in ({}, {"state": "archived"}, {"state": "all"}, {"state": "draft"})
    ]
    assert counts == [0, 1, 1, 0]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"event": "payment_intent.succeeded"}, 1),
        ({"event": "invoice.paid"}, 0),
        ({"last_run": "never"}, 1),
        ({"last_run": "failed"}, 0),
        ({"q": "valuable"}, 1),
        ({"q": "payment_intent"}, 1),
        ({"q": "nothing"}, 0),
    ],
)
def test_the_list_is_filtered_and_searched(editor, query, found):
    make()
    assert editor.get(address(*LIST, **query)).context["cl"].result_count == found


def test_a_new_workflow_belongs_to_its_maker_and_has_a_trigger(editor):
    response = fill(editor, address("workflow", "add"), "workflow_form", name="Mine", description="Why")
    workflow = Workflow.objects.get()
    assert response.url == address(workflow)
    assert (workflow.name, workflow.description, workflow.owner.username) == ("Mine", "Why", "editor")
    assert workflow.trigger.topics == ()
    page = editor.get(response.url).content.decode()
    assert "Choose what starts the workflow" in page
    assert "Choose the event that starts the workflow." in page


def test_description_and_owner_are_changed(editor, user_with):
    workflow = make()
    other = user_with(username="other")
    fill(editor, address(workflow), "workflow_form", description="", owner=str(other.pk))
    workflow.refresh_from_db()
    assert (workflow.description, workflow.owner) == ("", other)


def test_saving_the_form_does_not_touch_the_state(editor):
    workflow = make("personalize_orders")
    lifecycle.activate(workflow)
    fill(editor, address(workflow), "workflow_form", description="New")
    workflow.refresh_from_db()
    assert (workflow.status, workflow.active_version.number) == ("active", 1)


def test_the_outline_tells_inputs_by_their_labels(editor):
    page = editor.get(address(make("fraud_warnings"))).content.decode()
    assert "Retrieve the charge › Amount is less than $15.00 USD" in page
    assert '<span class="sf-reference">Retrieve the charge › Amount</span>' in page
    assert "All other cases" in page


def test_there_is_a_place_for_a_step_everywhere(editor):
    workflow = make()
    page = editor.get(address(workflow)).content.decode()
    ways = workflow.steps.get(key="is_valuable").branches
    filled, empty = ways.get(otherwise=False).pk, ways.get(otherwise=True).pk
    top = [f"workflow={workflow.pk}&amp;position={n}&quot;".replace("&quot;", '"') for n in (0, 1, 2)]
    inside = [
        f"position=0&amp;branch={filled}",
        f"position=1&amp;branch={filled}",
        f"position=0&amp;branch={empty}",
    ]
    assert [place in page for place in (*top, *inside)] == [True] * 6


def test_the_outline_costs_the_same_for_any_number_of_steps(editor, recorder):
    def deep(count):
        steps = [action(f"step_{n}") for n in range(count)]
        ways = [
            way(f"way_{n}", group(compare("trigger.amount", "greater_than", usd(n))), action(f"in_{n}"))
            for n in range(count)
        ]
        return lifecycle.create(document(*steps, branch("choice", *ways)))

    assert queries_of(editor, address(deep(1))) == queries_of(editor, address(deep(12)))


def test_problems_stand_at_the_top_and_at_their_card(editor):
    workflow = make()
    workflow.steps.filter(key="email_team").update(
        inputs={"to": ["editor"], "body": "{{ steps.nothing.id }}"}
    )
    page = editor.get(address(workflow)).content.decode()
    step = workflow.steps.get(key="email_team")
    assert f'href="{address(step)}#id_inputs-subject"' in page
    assert page.count("“Subject” is required.") == 2


def test_the_problems_of_a_branch_stand_at_it(editor):
    workflow = make()
    branch_row = workflow.steps.get(key="is_valuable").branches.get(otherwise=False)
    branch_row.conditions.all().delete()
    page = editor.get(address(workflow)).content.decode()
    assert f'href="{address(branch_row)}#id_conditions-0-chosen"' in page
    assert "Choose the conditions of this branch" in page


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda workflow: None, "Nothing runs yet."),
        (lifecycle.activate, "Active · version 1"),
        (lambda w: (lifecycle.activate(w), w.steps.update(name="x")), "1 unpublished change"),
        (lambda w: (lifecycle.activate(w), lifecycle.deactivate(w)), "It starts no runs."),
        (lifecycle.archive, "Archived. Restore"),
    ],
)
def test_the_banner_tells_the_state(editor, change, words):
    workflow = make("personalize_orders")
    change(workflow)
    assert words in editor.get(address(workflow)).content.decode()


def test_problems_stand_on_the_activation_page_and_keep_it_from_happening(editor):
    workflow = make()
    workflow.steps.filter(key="email_team").update(inputs={})
    page = editor.get(address(workflow, "activate")).content.decode()
    assert "“Subject” is required." in page
    assert 'name="note"' not in page
    editor.post(address(workflow, "activate"), {"revision": 1})
    workflow.refresh_from_db()
    assert workflow.status == "draft"


def test_a_copy_is_a_draft_of_its_maker(editor):
    workflow = make("personalize_orders")
    lifecycle.activate(workflow)
    response = editor.post(address(workflow, "duplicate"))
    copy = Workflow.objects.exclude(pk=workflow.pk).get()
    assert response.url == address(copy)
    assert (copy.name, copy.status, copy.owner.username) == ("Copy of Personalize orders", "draft", "editor")


def test_templates_stay_as_they_are(editor):
    make()
    Workflow.objects.update(name="Something else")
    page = editor.get(address("workflow", "templates")).content.decode()
    assert "Tag valuable customers" in page


def test_piece_pages_without_an_id_lead_to_the_list(editor):
    for kind in ("trigger", "step", "branch", "condition"):
        assert editor.get(address(kind, "changelist")).url == address(*LIST)
