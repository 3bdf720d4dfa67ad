"""What the quick way sends to the database is seen by test_same.py; here, what it puts in whose place."""

import pytest
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import RemoveField

from stripeflow_site.local.tables.quick_removals import quick_removals

CHANGED = ("djstripe", "0002_2_10")


@pytest.fixture(autouse=True)
def _with_migrations(settings):
    """Tests with a database make its tables without migrations, and hide them from then on."""
    settings.MIGRATION_MODULES = {}


def loaded():
    return MigrationLoader(None).disk_migrations[CHANGED].operations


def test_each_removal_of_a_field_is_replaced_for_a_time():
    with quick_removals():
        quick = loaded()
    plain = loaded()
    assert [operation.describe() for operation in quick] == [operation.describe() for operation in plain]
    removals = [operation for operation in plain if type(operation) is RemoveField]
    assert len(removals) > 500
    assert not any(type(operation) is RemoveField for operation in quick)


def test_only_the_last_of_a_series_renders_all_models():
    with quick_removals():
        quick = loaded()
    last = [operation for operation in quick if getattr(operation, "is_last", False)]
    assert 0 < len(last) < 10
