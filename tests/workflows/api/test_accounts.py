import pytest

from stripeflow.workflows.limits import deauthorized
from stripeflow.workflows.models import Deauthorization, Run
from stripeflow.workflows.operations import lifecycle
from tests.workflows.documents import action, document
from tests.workflows.events import accept, payment

pytestmark = pytest.mark.django_db

LIST = "disconnected-accounts/"


@pytest.fixture
def gone(recorder, queue):
    """An account that has disconnected the application while one of its runs waited."""
    lifecycle.activate(lifecycle.create(document(action("one", text="a"))))
    accept(payment(), account="acct_1")
    accept({"id": "ca_1", "object": "application"}, type=deauthorized.DEAUTHORIZED, account="acct_1")
    deauthorized.settle()
    return Deauthorization.objects.get()


def test_lists_who_has_disconnected_the_application(api, gone):
    (row,) = api.get(LIST).json()["results"]
    assert (row["id"], row["account"], row["livemode"]) == (gone.pk, "acct_1", False)
    assert api.get(f"{LIST}?livemode=true").json()["results"] == []


def test_a_held_run_says_why(api, gone):
    (run,) = api.get("runs/?held_reason=deauthorized").json()["results"]
    assert (run["account"], run["held_reason"]) == ("acct_1", "deauthorized")


def test_the_runs_go_on_once_a_person_says_that_it_is_connected(api, gone):
    assert api.post(f"{LIST}{gone.pk}/reconnect/").json() == {"released": 1, "held_back": 0}
    assert Run.objects.get().status == "queued"
    assert api.get(LIST).json()["results"] == []
    assert api.post(f"{LIST}{gone.pk}/reconnect/").status_code == 409
