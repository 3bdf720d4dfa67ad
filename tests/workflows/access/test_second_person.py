import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from stripeflow.workflows import conf
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.drafts import editing
from stripeflow.workflows.models import ApiToken, Workflow
from stripeflow.workflows.models.token_scope import Scope
from stripeflow.workflows.operations import lifecycle
from tests.workflows.documents import action, document
from tests.workflows.people import user_with_role

pytestmark = pytest.mark.django_db


@pytest.fixture
def two(money, settings):
    """Two persons who may do everything with a workflow that moves money, and the workflow that one made."""
    settings.STRIPEFLOW = {**conf.configured(), "SECOND_PERSON": True}
    author, other = (user_with_role("author", "publisher", "money", username=name) for name in ("ann", "bob"))
    return author, other, lifecycle.create(document(money), act=Act(author))


def rename(workflow, user, name="Another name"):
    changed = {**lifecycle.to_document(workflow), "name": name}
    editing.update(workflow, changed, revision=workflow.revision, act=Act(user))


def test_who_made_it_does_not_activate_it(two):
    author, other, workflow = two
    with pytest.raises(PermissionDenied, match="You have changed this workflow"):
        lifecycle.activate(workflow, Act(author))
    assert not workflow.versions.exists()
    assert lifecycle.activate(workflow, Act(other)).author == other


def test_who_has_changed_it_since_the_last_activation_does_not_activate_it(two):
    author, other, workflow = two
    third = user_with_role("author", "publisher", "money", username="cleo")
    rename(workflow, other)
    for person in (author, other):
        with pytest.raises(PermissionDenied):
            lifecycle.activate(workflow, Act(person))
    lifecycle.activate(workflow, Act(third))
    # What was activated has been looked at; who changed it before may activate what others change now.
    rename(workflow, other, "A third name")
    lifecycle.activate(workflow, Act(author))


def test_it_is_not_enough_to_have_something_small_changed_by_somebody_else(two):
    author, other, workflow = two
    rename(workflow, other)
    with pytest.raises(PermissionDenied):
        lifecycle.activate(workflow, Act(author))


def test_a_save_that_changes_nothing_is_no_second_person(two):
    author, other, workflow = two
    with editing.editing(workflow, revision=workflow.revision, act=Act(other)):
        pass
    workflow.refresh_from_db()
    with pytest.raises(PermissionDenied):
        lifecycle.activate(workflow, Act(author))


def test_undoing_is_a_change(two):
    author, other, workflow = two
    rename(workflow, author)
    editing.undo(workflow, revision=workflow.revision, act=Act(other))
    with pytest.raises(PermissionDenied):
        lifecycle.activate(workflow, Act(other))


def test_a_copy_is_by_who_copied_it(two):
    author, other, workflow = two
    copy = lifecycle.duplicate(workflow, owner=other, act=Act(other))
    with pytest.raises(PermissionDenied):
        lifecycle.activate(copy, Act(other))
    lifecycle.activate(copy, Act(author))


def test_what_nobody_is_known_to_have_written_is_refused(two, money):
    author, _other, _workflow = two
    unknown = lifecycle.create(document(money))
    with pytest.raises(PermissionDenied, match="nobody knows who changed it last"):
        lifecycle.activate(unknown, Act(author))


def test_a_program_is_no_second_person(two):
    with pytest.raises(PermissionDenied, match="Activate it as a user"):
        lifecycle.activate(two[2])


def test_what_moves_no_money_needs_one_person(two, recorder):
    author = two[0]
    lifecycle.activate(lifecycle.create(document(action("one", text="a")), act=Act(author)), Act(author))


def test_without_the_setting_one_person_is_enough(two, settings):
    author, _other, workflow = two
    settings.STRIPEFLOW = {**conf.configured(), "SECOND_PERSON": False}
    lifecycle.activate(workflow, Act(author))


def test_the_admin_says_so_before_and_after_the_button(two):
    author, _other, workflow = two
    client = Client()
    client.force_login(author)
    address = f"/admin/stripeflow_workflows/workflow/{workflow.pk}/activate/"
    page = client.get(address).content.decode()
    assert "Somebody else has to activate it" in page
    assert ">Activate</button>" not in page
    page = client.post(address, {"revision": workflow.revision}, follow=True).content.decode()
    assert "You have changed this workflow" in page
    assert Workflow.objects.get(pk=workflow.pk).status == "draft"


def test_the_api_says_so(two):
    author, other, workflow = two
    assert _activate_by_api(author, workflow).status_code == 403
    message = _activate_by_api(author, workflow).json()["error"]["message"]
    assert message.startswith("You have changed this workflow")
    assert _activate_by_api(other, workflow).json()["status"] == "active"


def test_the_second_person_activates_what_they_have_read_and_nothing_newer(two):
    """What they approve is one revision: a change between the page and the button makes it void."""
    author, other, workflow = two
    client = Client()
    client.force_login(other)
    address = f"/admin/stripeflow_workflows/workflow/{workflow.pk}/activate/"
    page = client.get(address).content.decode()
    read = Workflow.objects.get(pk=workflow.pk)
    assert f'name="revision" value="{read.revision}"' in page
    rename(workflow, author, "Changed meanwhile")
    client.post(address, {"revision": read.revision})
    assert _activate_by_api(other, read).status_code == 412
    assert _activate_by_api(other, read, seen="*").status_code == 428
    assert client.post(address, {}).status_code == 404
    assert not workflow.versions.exists()
    workflow.refresh_from_db()
    client.post(address, {"revision": workflow.revision})
    version = workflow.versions.get()
    assert (version.author, version.document["name"]) == (other, "Changed meanwhile")
    assert version.document == lifecycle.to_document(workflow)


def _activate_by_api(user, workflow, seen=""):
    token = ApiToken(user=user, name="test")
    bearer = token.issue()
    token.granted = Scope
    token.save()
    headers = {"Authorization": f"Bearer {bearer}", "If-Match": seen or f'"{workflow.revision}"'}
    return Client(headers=headers).post(
        f"/api/v1/workflows/{workflow.pk}/activate/", {}, content_type="application/json"
    )
