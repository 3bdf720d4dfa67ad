import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from stripeflow.triggers import encryption
from stripeflow.workflows.audit.acts import NOBODY, Act, NotPossible
from stripeflow.workflows.credentials import secret_changes
from stripeflow.workflows.destinations import changes
from stripeflow.workflows.destinations.changes import Wanted
from stripeflow.workflows.destinations.terms import MOST_SECRETS
from stripeflow.workflows.models import AuditEntry, DestinationSecret, EventDelivery, EventDestination
from tests.workflows.people import user_with_role

pytestmark = pytest.mark.django_db

GOOD = Wanted("Warehouse", "https://example.com/webhooks/token-in-path", ("run.failed",))


@pytest.fixture(autouse=True)
def _queue(queue):
    return queue


@pytest.fixture
def row():
    return changes.add(GOOD, NOBODY).destination


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"title": " "}, "needs a title"),
        ({"url": "http://example.com/"}, "https"),
        ({"url": "https://10.0.0.1/"}, "public Internet"),
        ({"url": "https://example.com/#here"}, "plainly written"),
        ({"url": "https://example.com/" + "a" * 500}, "at most 500"),
        ({"events": ()}, "at least one of these events"),
        ({"events": ("run.nothing",)}, "at least one of these events"),
        ({"all_workflows": False}, "Choose all workflows"),
        ({"all_workflows": False, "workflows": (4711,)}, "not there any more"),
    ],
)
def test_what_cannot_be_is_refused(given, said):
    with pytest.raises(NotPossible, match=said):
        changes.add(Wanted(**{**vars(GOOD), **given}), NOBODY)
    assert not EventDestination.objects.exists()


def test_a_title_is_that_of_one_destination(row):
    with pytest.raises(NotPossible, match="another title"):
        changes.add(GOOD, NOBODY)


def test_each_act_leaves_a_row_without_the_path_of_the_address(row):
    changes.change(row, Wanted(**{**vars(GOOD), "events": ("run.failed", "run.succeeded")}), NOBODY)
    changes.change(row, Wanted.of(row), NOBODY)
    changes.rotate(row, NOBODY)
    changes.ping(row, NOBODY)
    changes.disable(row, NOBODY)
    changes.disable(row, NOBODY)
    changes.send_again(EventDelivery.objects.all(), NOBODY)
    changes.enable(row, NOBODY)
    changes.send_again(EventDelivery.objects.all(), NOBODY)
    changes.delete(row, NOBODY)
    kinds = list(AuditEntry.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == [
        "destination.added",
        "destination.changed",
        "destination.rotated",
        "destination.tested",
        "destination.disabled",
        "destination.enabled",
        "destination.sent_again",
        "destination.deleted",
    ]
    assert not any("token-in-path" in str((one.before, one.after)) for one in AuditEntry.objects.all())
    changed = AuditEntry.objects.get(kind="destination.changed")
    assert (changed.before["events"], changed.after["events"]) == (
        ["run.failed"],
        ["run.failed", "run.succeeded"],
    )


@pytest.mark.parametrize(
    "verb", [changes.rotate, changes.ping, changes.disable, changes.enable, changes.delete]
)
def test_nobody_acts_without_the_permission(row, verb):
    with pytest.raises(PermissionDenied):
        verb(row, Act(user_with_role("operator")))


def test_the_role_for_it_suffices(row):
    integrator = Act(user_with_role("integrator"))
    changes.add(Wanted(**{**vars(GOOD), "title": "Another"}), integrator)
    changes.ping(row, integrator)
    changes.delete(row, integrator)


def test_what_waits_is_canceled_with_the_destination_and_sent_again_by_a_person(row):
    delivery = changes.ping(row, NOBODY)
    with pytest.raises(NotPossible, match="waits to be"):
        changes.send_one_again(delivery, NOBODY)
    changes.disable(row, NOBODY)
    delivery.refresh_from_db()
    assert (delivery.status, delivery.next_at) == ("canceled", None)
    with pytest.raises(NotPossible, match="Enable it first"):
        changes.send_one_again(EventDelivery.objects.get(), NOBODY)
    changes.enable(row, NOBODY)
    changes.send_one_again(EventDelivery.objects.get(), NOBODY)
    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts) == ("pending", 0)
    assert delivery.next_at <= timezone.now()


def test_a_few_secrets_sign_at_the_same_time_and_no_more(row):
    for _number in range(MOST_SECRETS - 1):
        changes.rotate(row, NOBODY)
    with pytest.raises(NotPossible, match="5 secrets sign"):
        changes.rotate(row, NOBODY)
    changes.rotate(row, NOBODY, at_once=True)
    assert DestinationSecret.objects.valid(timezone.now()).count() == 1


def test_its_secret_is_encrypted_and_moves_to_a_new_key(row, settings):
    kept = DestinationSecret.objects.get().value
    value = encryption.decrypted(kept)
    key = Fernet.generate_key().decode()
    settings.STRIPEFLOW = {
        **settings.STRIPEFLOW,
        "SECRET_KEYS": [key, *settings.STRIPEFLOW.get("SECRET_KEYS", [])],
    }
    assert secret_changes.rotate() == 1
    moved = DestinationSecret.objects.get().value
    assert moved != kept
    assert encryption.decrypted(moved) == value
