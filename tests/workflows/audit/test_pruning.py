"""Entries are kept for ever, unless a setting says otherwise."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from stripeflow.workflows.audit.acts import NOBODY
from stripeflow.workflows.audit.pruning import prune
from stripeflow.workflows.models import AuditEntry


@pytest.fixture
def old(db):
    for days in (400, 10):
        AuditEntry(kind="workflow.created", at=timezone.now() - timedelta(days=days)).save()


@pytest.fixture
def keep(settings):
    def keep(days):
        settings.STRIPEFLOW = {**settings.STRIPEFLOW, "AUDIT_DAYS": days}

    return keep


def test_nothing_goes_without_the_setting(old):
    assert prune(NOBODY) == 0
    assert AuditEntry.objects.count() == 2


def test_what_goes_is_reported_by_an_entry_that_stays(old, keep):
    keep(365)
    assert prune(NOBODY) == 1
    assert [entry.kind for entry in AuditEntry.objects.all()] == ["audit.pruned", "workflow.created"]
    assert AuditEntry.objects.first().after["entries"] == 1


def test_nothing_old_leaves_no_entry(old, keep):
    keep(1000)
    assert prune(NOBODY) == 0
    assert AuditEntry.objects.count() == 2


def test_command_does_it_and_its_dry_run_does_not(old, keep):
    keep(365)
    call_command("stripeflow_prune", days=30, dry_run=True, stdout=StringIO())
    assert AuditEntry.objects.count() == 2
    told = StringIO()
    call_command("stripeflow_prune", days=30, stdout=told)
    assert "Deleted 1 entries of the audit log." in told.getvalue()
