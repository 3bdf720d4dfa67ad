"""Migrates quicker where many fields are removed one after the other, as by dj-stripe's migration to 2.10.

Django renders all models that are related to the changed one after each `RemoveField`; in dj-stripe that is
nearly all of them, five hundred times, and nine tenths of the time. What the next `RemoveField` needs is its
own model. The statements that reach the database are the same.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from unittest import mock

from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import RemoveField
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


@contextmanager
def quick_removals() -> Iterator[None]:
    """Put a quicker one in the place of each removal of a field, in the migrations as they are loaded."""
    original = MigrationLoader.load_disk

    def load_disk(loader: MigrationLoader) -> None:
        original(loader)
        for migration in (loader.disk_migrations or {}).values():
            migration.operations = list(_quicker(migration.operations))  # type: ignore[misc]  # of this one alone

    with mock.patch.object(MigrationLoader, "load_disk", load_disk):
        yield


def _quicker(operations: Iterable[Operation]) -> Iterator[Operation]:
    for operation, following in pairwise([*operations, None]):
        if type(operation) is RemoveField:
            is_last = type(following) is not RemoveField
            yield _Removal(operation.model_name, operation.name, is_last=is_last)
        elif operation is not None:
            yield operation


class _Removal(RemoveField):
    """Renders its own model alone; after the last one of a series all models are rendered once."""

    def __init__(self, model_name: str, name: str, *, is_last: bool) -> None:
        super().__init__(model_name, name)
        self.is_last = is_last

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        def own_model(*_arguments: object) -> set[tuple[str, str]]:
            return {(app_label, self.model_name_lower)}

        with mock.patch.object(ProjectState, "_find_reload_model", own_model):
            super().state_forwards(app_label, state)
        if self.is_last:
            # Here, since each later state is a copy of this one, and would otherwise render its own.
            state.__dict__.pop("apps", None)
            state.apps  # noqa: B018
