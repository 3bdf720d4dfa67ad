import pytest

from stripeflow.actions.models import Suppression

pytestmark = pytest.mark.django_db

NAMES = ("view_suppression", "add_suppression", "delete_suppression")


@pytest.fixture
def keeper(api_for, make_user):
    return api_for(make_user(*NAMES, username="keeper"))


def test_an_address_is_added_found_and_removed(keeper):
    made = keeper.post("suppressions/", {"address": "Jane@Example.com", "reason": "bounce", "note": "550"})
    assert made.status_code == 201
    body = made.json()
    assert (body["address"], body["reason"], body["note"]) == ("jane@example.com", "bounce", "550")
    keeper.post("suppressions/", {"address": "bob@example.com"})
    everything = keeper.get("suppressions/").json()["results"]
    assert [one["address"] for one in everything] == ["bob@example.com", "jane@example.com"]
    assert keeper.get("suppressions/?address=JANE%40example.com").json()["results"] == [body]
    assert keeper.get("suppressions/?reason=unsubscribe").json()["results"] == []
    assert keeper("DELETE", f"suppressions/{body['id']}/").json() == body
    assert Suppression.objects.get().reason == "manual"


def test_adding_again_gives_what_is_there(keeper):
    first = keeper.post("suppressions/", {"address": "jane@example.com"}).json()
    again = keeper.post("suppressions/", {"address": "JANE@example.com", "note": "again"})
    assert (again.status_code, again.json()) == (201, first)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"address": "jane"},
        {"address": "a@b.example, c@d.example"},
        {"address": "a@b.example", "reason": "hunch"},
    ],
)
def test_what_is_no_entry_is_refused(keeper, body):
    assert keeper.post("suppressions/", body).status_code == 400


@pytest.mark.parametrize(
    ("lacking", "method", "path"),
    [
        ("view_suppression", "get", "suppressions/"),
        ("add_suppression", "post", "suppressions/"),
        ("delete_suppression", "delete", "suppressions/{pk}/"),
    ],
)
def test_each_verb_needs_its_permission(api_for, make_user, lacking, method, path):
    entry = Suppression.objects.create(address="bob@example.com", reason="manual")
    client = api_for(make_user(*(name for name in NAMES if name != lacking), username="partly"))
    body = [{"address": "jane@example.com"}] if method == "post" else []
    assert client(method.upper(), path.format(pk=entry.pk), *body).status_code == 403
    assert Suppression.objects.count() == 1
