"""The daily limits of a workflow by the API."""

import pytest
from django.utils import timezone

from stripeflow.workflows.models import AuditEntry, Workflow
from stripeflow.workflows.models.limits import Spending
from stripeflow.workflows.operations import lifecycle
from tests.workflows.documents import action, document

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("recorder")]

NONE = {"all_customers": {}, "one_customer": {}}
SOME = {"all_customers": {"usd": 500}, "one_customer": {"usd": 100, "jpy": 0}}


@pytest.fixture
def where():
    return f"workflows/{lifecycle.create(document(action('one', text='a'))).pk}/limits/"


def test_limits_are_read_and_set(api, where, settings):
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "CUSTOMER_CAPS_PER_DAY": {"usd": 900}}
    workflow = Workflow.objects.get()
    today = timezone.now().date()
    Spending.objects.create(
        scope=f"workflow:{workflow.pk}", livemode=True, day=today, currency="usd", amount=70
    )
    set_ = api.put(where, {**SOME, "seen": NONE})
    assert set_.status_code == 200, set_.content
    moved = [{"currency": "usd", "livemode": True, "account": "", "amount": 70}]
    others = {"installation_all_customers": {}, "installation_one_customer": {"usd": 900}, "moved": moved}
    assert api.get(where).json() == set_.json() == {**SOME, **others}
    entry = AuditEntry.objects.first()
    assert entry.after == {"usd": 500, "usd_for_one_customer": 100, "jpy_for_one_customer": 0}


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({**SOME, "seen": SOME}, 409, "revision_conflict"),
        ({**SOME}, 400, "invalid"),
        ({"all_customers": {"USD": 5}, "one_customer": {}, "seen": NONE}, 400, "invalid"),
        ({"all_customers": {"zzz": 5}, "one_customer": {}, "seen": NONE}, 400, "invalid"),
        ({"all_customers": {"usd": -5}, "one_customer": {}, "seen": NONE}, 400, "invalid"),
        ({"all_customers": {"usd": "x"}, "one_customer": {}, "seen": NONE}, 400, "invalid"),
        ({"all_customers": [], "one_customer": {}, "seen": NONE}, 400, "invalid"),
    ],
)
def test_what_cannot_be_set_is_refused(api, where, body, status, code):
    answer = api.put(where, body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert Workflow.objects.get().refund_caps == {}
