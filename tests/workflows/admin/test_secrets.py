import pytest
from django.urls import reverse

from stripeflow.actions import registry
from stripeflow.actions.inputs import StringInput
from stripeflow.workflows.credentials import named_secrets, secret_changes
from stripeflow.workflows.drafts import editing
from stripeflow.workflows.models import Secret, Step
from stripeflow.workflows.operations import lifecycle
from tests.workflows.admin.addresses import address
from tests.workflows.admin.conftest import EDITOR
from tests.workflows.admin.pages import fill
from tests.workflows.documents import action, document
from tests.workflows.recording import recording_action

pytestmark = pytest.mark.django_db

VALUE = "sword fish"
KEEPER = ("view_secret", "add_secret", "change_secret", "delete_secret")
CHANGELIST = "admin:stripeflow_workflows_secret_changelist"


@pytest.fixture
def keeper(client_with):
    return client_with(*EDITOR, *KEEPER, username="keeper")


@pytest.fixture
def secret():
    return secret_changes.store("shop", VALUE, description="The shop's")


@pytest.fixture
def step(recorder):
    """A step of an action with a secret input, which names the secret “shop”."""
    kind = recording_action(recorder, key="test.secret")
    kind.inputs = (StringInput("text", label="Password", secret=True),)
    with registry.temporarily(kind):
        draft = document(action("one", "test.secret", text={"secret": "shop"}), name="Refunds")
        yield lifecycle.create(draft).steps.get()


def add_url():
    return reverse("admin:stripeflow_workflows_secret_add")


def test_a_secret_is_typed_and_never_shown(keeper):
    fill(keeper, add_url(), "secret_form", name="shop", description="The shop's", typed=VALUE)
    secret = Secret.objects.get()
    assert named_secrets.value_of("shop") == VALUE
    assert secret.created_by.username == "keeper"
    for url in (reverse(CHANGELIST), address(secret), address(secret, "history")):
        page = keeper.get(url).content.decode()
        assert VALUE not in page
        assert secret.value not in page


def test_a_refused_form_does_not_show_what_was_typed(keeper):
    page = fill(keeper, add_url(), "secret_form", name="Not a name", typed=VALUE)
    assert page.status_code == 200
    assert VALUE not in page.content.decode()
    assert not Secret.objects.exists()


def test_a_short_value_is_refused_where_it_is_typed(keeper, secret, step):
    pages = [
        fill(keeper, add_url(), "secret_form", name="other", typed="eel 1"),
        fill(keeper, address(secret), "secret_form", typed="eel 1"),
        fill(keeper, address(step), "step_form", **{"inputs-text_value": "eel 1"}),
    ]
    for page in pages:
        assert "A secret has at least 6 characters" in page.content.decode()
        assert "eel 1" not in page.content.decode()
    assert list(Secret.objects.values_list("name", flat=True)) == ["shop"]
    assert named_secrets.value_of("shop") == VALUE


def test_a_short_value_of_before_keeps_working_and_may_be_described(keeper):
    secret = secret_changes.keep("short", "sword")
    fill(keeper, address(secret), "secret_form", description="Of the shop")
    secret.refresh_from_db()
    assert (secret.description, named_secrets.value_of("short")) == ("Of the shop", "sword")


def test_a_new_value_replaces_the_old_one_and_an_empty_box_keeps_it(keeper, secret):
    fill(keeper, address(secret), "secret_form", description="Of the shop")
    assert named_secrets.value_of("shop") == VALUE
    fill(keeper, address(secret), "secret_form", typed="halibut")
    assert named_secrets.value_of("shop") == "halibut"
    secret.refresh_from_db()
    assert (secret.description, secret.changed_by.username) == ("Of the shop", "keeper")


def test_the_page_names_the_workflows_that_need_it(keeper, secret, step):
    assert "Refunds" in keeper.get(address(secret)).content.decode()


def test_who_may_not_read_workflows_is_told_only_how_many_need_it(client_with, secret, step):
    browser = client_with(*KEEPER, username="other")
    page = browser.get(address(secret)).content.decode()
    page += browser.post(address(secret, "delete"), {"post": "yes"}, follow=True).content.decode()
    assert "Refunds" not in page
    assert page.count("1 workflow") == 3


def test_a_secret_in_use_is_not_deleted(keeper, secret, step):
    answer = keeper.post(address(secret, "delete"), {"post": "yes"}, follow=True)
    assert "is in use by: “Refunds”" in answer.content.decode()
    assert Secret.objects.exists()


def test_a_secret_that_nobody_needs_is_deleted(keeper, secret):
    keeper.post(address(secret, "delete"), {"post": "yes"})
    assert not Secret.objects.exists()


@pytest.mark.parametrize("without", KEEPER)
def test_each_page_needs_its_permission(client_with, secret, without):
    client = client_with(*(set(KEEPER) - {without}))
    pages = {
        "view_secret": lambda: client.get(reverse(CHANGELIST)),
        "add_secret": lambda: client.get(add_url()),
        "change_secret": lambda: client.post(address(secret), {"description": "a", "typed": "halibut"}),
        "delete_secret": lambda: client.post(address(secret, "delete"), {"post": "yes"}),
    }
    assert pages[without]().status_code == 403
    assert named_secrets.value_of("shop") == VALUE


def test_a_step_offers_the_secrets_and_keeps_the_one_that_it_names(keeper, secret, step):
    secret_changes.store("other", "halibut")
    page = keeper.get(address(step)).content.decode()
    assert "shop (The shop&#x27;s)</option>" in page
    assert ">other</option>" in page
    assert VALUE not in page
    fill(keeper, address(step), "step_form", name="Again")
    step.refresh_from_db()
    assert (step.name, step.inputs) == ("Again", {"text": {"secret": "shop"}})
    fill(keeper, address(step), "step_form", **{"inputs-text_name": "other"})
    step.refresh_from_db()
    assert step.inputs == {"text": {"secret": "other"}}


def test_a_value_that_is_typed_into_a_step_is_stored_and_named(keeper, secret, step):
    answer = fill(keeper, address(step), "step_form", **{"inputs-text_value": "halibut"})
    assert answer.status_code == 302
    step.refresh_from_db()
    assert step.inputs == {"text": {"secret": "refunds-password"}}
    made = Secret.objects.get(name="refunds-password")
    assert (made.description, made.created_by.username) == ("Refunds: Record", "keeper")
    assert named_secrets.value_of("refunds-password") == "halibut"
    assert "halibut" not in keeper.get(address(step)).content.decode()


def test_a_new_step_takes_a_typed_value(keeper, step):
    where = address("step", "add", workflow=step.workflow_id, position=1, action="test.secret")
    fill(keeper, where, "step_form", **{"inputs-text_value": "halibut"})
    added = Step.objects.exclude(pk=step.pk).get()
    assert named_secrets.value_of(added.inputs["text"]["secret"]) == "halibut"


def test_who_may_not_store_secrets_cannot_type_one_and_sees_no_others(editor, secret, step):
    secret_changes.store("other", "halibut")
    page = editor.get(address(step)).content.decode()
    assert ">shop</option>" in page
    assert ">other" not in page
    refused = fill(editor, address(step), "step_form", **{"inputs-text_value": "halibut"})
    assert "needs a separate permission" in refused.content.decode()
    assert "halibut" not in refused.content.decode()
    assert set(Secret.objects.values_list("name", flat=True)) == {"other", "shop"}


def test_a_conflict_stores_nothing(keeper, secret, step):
    editing.update(
        step.workflow, document(action("one", "test.secret"), name="Refunds"), revision=step.workflow.revision
    )
    step = step.workflow.steps.get()
    form = {"inputs-text_value": "halibut", "revision": "0"}
    refused = fill(keeper, address(step), "step_form", **form)
    assert refused.status_code == 200
    assert not Secret.objects.filter(name="refunds-password").exists()
