"""dj-stripe learns whose the key is, and its table never holds the key."""

import pytest
import stripe
from djstripe.models import Account, APIKey

from stripeflow.triggers import inbox, mirror, own_account
from stripeflow.triggers.models import MirrorState
from stripeflow_site.standin import payloads
from tests.triggers.fake_stripe import FakeStripe, serving

pytestmark = pytest.mark.django_db

KEY = "sk_test_" + "k" * 24
CUSTOMER = payloads.customer(id="cus_1")


@pytest.fixture(autouse=True)
def _key(settings, rung):
    settings.STRIPE_TEST_SECRET_KEY = KEY


@pytest.fixture
def fake(monkeypatch):
    objects = {"/v1/account": payloads.account(), "/v1/customers/cus_1": CUSTOMER}
    with serving(FakeStripe(objects=objects)) as fake:
        monkeypatch.setattr(stripe, "api_base", fake.url)
        yield fake


def mirrored(number=1):
    payload = {**payloads.event("customer.updated", CUSTOMER), "id": f"evt_{number}"}
    event = inbox.accept_stripe(payload).event
    mirror.mirror(event.pk)
    event.refresh_from_db()
    assert event.mirror_state == MirrorState.DONE, event.mirror_error


def of_account(fake):
    return [request for request in fake.requests if request == ("GET", "/v1/account")]


def test_the_account_is_asked_for_once_and_the_key_is_not_kept(fake):
    mirrored(1)
    mirrored(2)
    row = APIKey.objects.get()
    assert row.djstripe_owner_account == Account.objects.get()
    assert KEY not in row.secret
    assert len(of_account(fake)) == 1


def test_a_stand_in_is_never_used_for_a_call(fake):
    mirrored()
    assert Account.objects.get().get_default_api_key(livemode=False) == KEY


def test_a_key_that_an_older_version_kept_is_deleted_and_its_account_stays(fake, caplog):
    account = Account.objects.create(id="acct_1")
    APIKey.objects.create(secret=KEY, type="secret", livemode=False, djstripe_owner_account=account)
    mirrored()
    row = APIKey.objects.get()
    assert (row.secret, row.djstripe_owner_account) == (own_account.stand_in(KEY), account)
    assert of_account(fake) == []
    assert "triggers.mirror.keys_cleared" in caplog.messages


def test_a_row_that_a_person_has_named_stays(fake):
    account = Account.objects.create(id="acct_1")
    APIKey.objects.create(
        secret=KEY, type="secret", livemode=False, djstripe_owner_account=account, name="The shop's"
    )
    mirrored()
    assert APIKey.objects.filter(secret=KEY, name="The shop's").exists()


def test_a_key_of_another_account_is_the_projects_own(fake):
    other = APIKey.objects.create(secret="sk_test_" + "o" * 24, type="secret", livemode=False)
    mirrored()
    other.refresh_from_db()
    assert other.secret == "sk_test_" + "o" * 24


def test_outside_of_the_mirror_djstripe_goes_on_as_ever(fake):
    mirrored()
    account = Account.objects.get()
    mine = APIKey.objects.create(
        secret="sk_test_" + "o" * 24, type="secret", livemode=False, djstripe_owner_account=account
    )
    assert Account.get_or_retrieve_for_api_key(mine.secret) == account
