"""An act is written down with the act, and the row stays as it is."""

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import FieldDoesNotExist
from django.db import transaction

from stripeflow.workflows.audit import kinds
from stripeflow.workflows.audit.acts import NOBODY, Act
from stripeflow.workflows.audit.kinds import Kind, UnknownKind
from stripeflow.workflows.audit.record import NoTransaction, record
from stripeflow.workflows.models import AuditEntry, Workflow
from stripeflow.workflows.models.audit import AppendOnly


@pytest.fixture
def entry(db):
    anna = get_user_model().objects.create_user("anna")
    workflow = Workflow.objects.create(name="Orders")
    return record(kinds.WORKFLOW_EDITED, Act(anna, "why"), workflow, before={"revision": 1})


def test_row_says_who_by_name_and_id_and_on_what(entry):
    anna, workflow = get_user_model().objects.get(), Workflow.objects.get()
    row = AuditEntry.objects.get(kind="workflow.edited")
    assert (row.user_id, row.user_name, row.note) == (str(anna.pk), "anna", "why")
    assert (row.object_kind, row.object_id, row.object_title) == ("workflow", str(workflow.pk), "Orders")
    assert (row.workflow_id, row.before, row.after) == (workflow.pk, {"revision": 1}, None)


def test_row_stays_when_person_and_object_go(entry):
    get_user_model().objects.all().delete()
    Workflow.objects.all().delete()
    row = AuditEntry.objects.get(kind="workflow.edited")
    assert (row.user_name, row.object_title) == ("anna", "Orders")


def test_row_refers_to_no_other_row():
    assert [field.name for field in AuditEntry._meta.get_fields() if field.is_relation] == []
    with pytest.raises(FieldDoesNotExist):
        AuditEntry._meta.get_field("user")


@pytest.mark.parametrize(
    "change",
    [
        lambda entry: entry.save(),
        lambda entry: entry.delete(),
        lambda entry: AuditEntry.objects.get(pk=entry.pk).save(update_fields=["note"]),
        lambda _entry: AuditEntry.objects.update(note="other"),
        lambda _entry: AuditEntry.objects.all().delete(),
        lambda entry: AuditEntry.objects.bulk_update([entry], ["note"]),
        lambda _entry: AuditEntry._base_manager.update(note="other"),
        lambda entry: AuditEntry.objects.update_or_create(pk=entry.pk, defaults={"note": "other"}),
    ],
)
def test_row_is_never_changed_nor_deleted(entry, change):
    with pytest.raises(AppendOnly):
        change(entry)
    assert AuditEntry.objects.get(kind="workflow.edited").note == "why"


def test_nobody_can_be_permitted_to_change_it():
    assert AuditEntry._meta.default_permissions == ("view",)


@pytest.mark.django_db(transaction=True)
def test_act_without_a_transaction_is_not_written_down():
    with pytest.raises(NoTransaction):
        record(kinds.ALL_STOPPED, NOBODY)


@pytest.mark.django_db(transaction=True)
def test_act_that_is_rolled_back_leaves_no_row_and_no_line(caplog):
    with transaction.atomic():
        record(kinds.ALL_STOPPED, NOBODY)
        transaction.set_rollback(True)
    assert not AuditEntry.objects.exists()
    assert "workflows.audit.recorded" not in caplog.messages


def test_line_says_who_and_what_but_not_what_people_typed(caplog, db, django_capture_on_commit_callbacks):
    caplog.set_level("INFO")
    with django_capture_on_commit_callbacks(execute=True):
        record(kinds.ALL_STOPPED, Act(note="typed by a person"))
    [line] = [one for one in caplog.records if one.message == "workflows.audit.recorded"]
    assert line.act == "installation.stopped"
    assert "typed by a person" not in vars(line).values()


def test_kind_that_is_not_registered_is_refused(db):
    made_up = Kind("made.up", "Made up")
    with pytest.raises(UnknownKind):
        record(made_up, NOBODY)
    with kinds.temporarily(made_up):
        assert record(made_up, NOBODY).kind == "made.up"


def test_two_kinds_cannot_share_a_key():
    with pytest.raises(ValueError, match="workflow"):
        kinds.register(Kind("workflow.edited", "Another"))
