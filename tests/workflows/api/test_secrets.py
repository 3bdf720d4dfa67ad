import pytest

from stripeflow.actions import registry
from stripeflow.actions.inputs import StringInput
from stripeflow.workflows.credentials import named_secrets, secret_changes
from stripeflow.workflows.models import AuditEntry, Secret
from stripeflow.workflows.operations import lifecycle
from tests.workflows.api.schemas import api_schema
from tests.workflows.documents import action, document
from tests.workflows.recording import recording_action

pytestmark = pytest.mark.django_db

VALUE = "sword fish"
SHOP = {"name": "shop", "value": VALUE, "description": "The shop's"}


@pytest.fixture
def keeper(api_for, make_user):
    names = ("view_secret", "add_secret", "change_secret", "delete_secret", "add_workflow", "view_workflow")
    return api_for(make_user(*names, username="keeper"))


def kinds():
    return list(AuditEntry.objects.filter(object_kind="secret").order_by("id").values_list("kind", flat=True))


def test_a_secret_is_stored_and_its_value_never_given_back(keeper):
    made = keeper.post("secrets/", SHOP)
    assert made.status_code == 201
    answers = [made, keeper.get("secrets/"), keeper.get("secrets/shop/")]
    assert all(VALUE not in answer.content.decode() for answer in answers)
    body = keeper.get("secrets/shop/").json()
    assert body == keeper.get("secrets/").json()["results"][0] == made.json()
    told = {name: body[name] for name in ("name", "description", "created_by", "changed_at", "last_used_at")}
    assert told == {
        "name": "shop",
        "description": "The shop's",
        "created_by": "keeper",
        "changed_at": None,
        "last_used_at": None,
    }
    assert named_secrets.value_of("shop") == VALUE
    assert kinds() == ["secret.stored"]


def test_a_value_is_kept_as_it_is_sent(keeper):
    keeper.post("secrets/", {**SHOP, "value": "  sword fish\n"})
    assert named_secrets.value_of("shop") == "  sword fish\n"


def test_value_and_description_are_replaced(keeper):
    keeper.post("secrets/", SHOP)
    assert keeper.put("secrets/shop/", {"description": "Of the shop"}).json()["description"] == "Of the shop"
    assert named_secrets.value_of("shop") == VALUE
    changed = keeper.put("secrets/shop/", {"value": "halibut"})
    assert changed.json()["changed_by"] == "keeper"
    assert "halibut" not in changed.content.decode()
    assert named_secrets.value_of("shop") == "halibut"
    assert kinds() == ["secret.stored", "secret.described", "secret.replaced"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"name": "a"}, 400),
        ({**SHOP, "name": "A b"}, 400),
        ({**SHOP, "value": ""}, 400),
        ({**SHOP, "value": "a" * 10_001}, 400),
        ({**SHOP, "value": "sword"}, 400),
        ({**SHOP, "value": "  sword\n"}, 400),
        ({**SHOP, "other": 1}, 400),
        ({**SHOP, "name": "taken"}, 409),
    ],
)
def test_what_can_not_be_stored_is_refused_without_its_value(keeper, body, status):
    secret_changes.store("taken", "swordfish")
    answer = keeper.post("secrets/", body)
    assert answer.status_code == status
    assert VALUE not in answer.content.decode()
    assert Secret.objects.count() == 1


def test_a_short_value_replaces_none(keeper):
    keeper.post("secrets/", SHOP)
    answer = keeper.put("secrets/shop/", {"value": "halib"})
    assert answer.status_code == 400
    (problem,) = answer.json()["error"]["problems"]
    assert problem["path"] == "/value"
    assert problem["message"].startswith("A secret has at least 6 characters")
    assert named_secrets.value_of("shop") == VALUE


def test_the_schema_tells_how_short_a_value_may_be():
    shapes = api_schema()["components"]["schemas"]
    bodies = [shapes[name]["properties"]["value"] for name in ("NewSecretRequest", "SecretChangeRequest")]
    assert [body["minLength"] for body in bodies] == [6, 6]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_a_secret_that_there_is_not_is_404(keeper, method):
    assert keeper(method, "secrets/shop/").status_code == 404


def test_a_refused_value_leaves_the_description(keeper, recorder):
    kind = recording_action(recorder, key="test.secret")
    kind.inputs, kind.moves_money = (StringInput("text", label="Text", secret=True),), True
    keeper.post("secrets/", SHOP)
    with registry.temporarily(kind):
        draft = document(action("one", "test.secret", text={"secret": "shop"}))
        lifecycle.activate(lifecycle.create(draft))
        refused = keeper.put("secrets/shop/", {"description": "Of the shop", "value": "halibut"})
    assert refused.status_code == 403
    assert keeper.get("secrets/shop/").json()["description"] == "The shop's"
    assert kinds() == ["secret.stored"]


def test_a_secret_is_deleted_unless_a_workflow_needs_it(keeper, recorder):
    kind = recording_action(recorder, key="test.secret")
    kind.inputs = (StringInput("text", label="Text", secret=True),)
    keeper.post("secrets/", SHOP)
    with registry.temporarily(kind):
        made = keeper.post("workflows/", document(action("one", "test.secret", text={"secret": "shop"})))
        assert made.json()["definition"]["steps"][0]["inputs"] == {"text": {"secret": "shop"}}
        refused = keeper("DELETE", "secrets/shop/")
        assert refused.status_code == 409
        assert "“Test workflow”" in refused.json()["error"]["message"]
    assert keeper("DELETE", "secrets/shop/").json()["name"] == "shop"
    assert not Secret.objects.exists()


def test_a_document_with_a_value_is_refused_by_title_without_it(keeper, recorder):
    kind = recording_action(recorder, key="test.secret")
    kind.inputs = (StringInput("text", label="Password", secret=True),)
    with registry.temporarily(kind):
        answer = keeper.post("workflows/", document(action("one", "test.secret", text=VALUE)))
    assert answer.status_code == 400
    (problem,) = answer.json()["error"]["problems"]
    assert (problem["code"], problem["path"]) == ("secret_in_clear", "/steps/0/inputs/text")
    assert "“Password” has to name a secret" in problem["message"]
    assert VALUE not in answer.content.decode()


def test_who_may_not_edit_sees_the_name_and_no_value(api_for, make_user, recorder):
    kind = recording_action(recorder, key="test.secret")
    kind.inputs = (StringInput("text", label="Text", secret=True),)
    with registry.temporarily(kind):
        workflow = lifecycle.create(document(action("one", "test.secret", text={"secret": "shop"})))
        body = api_for(make_user("view_workflow")).get(f"workflows/{workflow.pk}/").json()
    assert body["definition"]["steps"][0]["inputs"] == {"text": {"secret": "shop"}}
