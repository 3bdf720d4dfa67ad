import pytest

from stripeflow.actions.models import Reason, Suppression
from stripeflow.workflows.models import AuditEntry
from stripeflow.workflows.suppressions import changes
from stripeflow.workflows.suppressions.changes import SuppressionRefused

pytestmark = pytest.mark.django_db


def kinds():
    return list(AuditEntry.objects.order_by("id").values_list("kind", flat=True))


def test_an_address_is_kept_once_for_each_reason():
    made, is_new = changes.add("Jane@Example.com", Reason.BOUNCE, note="550")
    again, is_new_again = changes.add("jane@example.com", Reason.BOUNCE, note="other")
    changes.add("jane@example.com", Reason.UNSUBSCRIBE)
    assert (is_new, is_new_again, again.pk, again.note) == (True, False, made.pk, "550")
    rows = Suppression.objects.order_by("id").values_list("address", "reason")
    assert list(rows) == [("jane@example.com", "bounce"), ("jane@example.com", "unsubscribe")]
    assert kinds() == ["suppression.added"] * 2


def test_the_audit_log_holds_no_address():
    made, _is_new = changes.add("jane@example.com")
    changes.remove(made)
    changes.add_all(["jane@example.com"])
    assert "jane" not in str(list(AuditEntry.objects.values()))
    assert "j…@example.com" in str(list(AuditEntry.objects.values()))


def test_an_entry_is_removed_once():
    made, _is_new = changes.add("jane@example.com")
    assert changes.remove(made)
    assert not changes.remove(made)
    assert kinds() == ["suppression.added", "suppression.removed"]


@pytest.mark.parametrize(
    ("address", "reason", "note"),
    [
        ("jane", "manual", ""),
        ("jane@example.com, bob@example.com", "manual", ""),
        ("jane@example.com", "hunch", ""),
        ("jane@example.com", "manual", "x" * 201),
    ],
)
def test_what_is_no_entry_is_refused(address, reason, note):
    with pytest.raises(SuppressionRefused):
        changes.add(address, reason, note=note)
    assert kinds() == []


def test_an_import_takes_what_it_can_and_names_the_other_lines():
    changes.add("bob@example.com", Reason.BOUNCE)
    lines = ["Jane@example.com\n", "", "bob@example.com", "nobody", "jane@EXAMPLE.com"]
    found = changes.add_all(lines, Reason.BOUNCE, note="Provider's list")
    assert (found.added, found.known, found.refused) == (1, 1, [4])
    assert Suppression.objects.get(address="jane@example.com").note == "Provider's list"
    assert kinds() == ["suppression.added", "suppression.imported"]


def test_an_import_has_an_end(monkeypatch):
    monkeypatch.setattr(changes, "MOST", 1)
    with pytest.raises(SuppressionRefused, match="At most 1"):
        changes.add_all(["a@example.com", "b@example.com"])
    assert not Suppression.objects.exists()
