"""The key of a template database: a digest of all that its tables and rows follow from."""

import hashlib
import re
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.apps import AppConfig, apps
from django.conf import settings
from django.db.backends.sqlite3.base import DatabaseWrapper
from django.db.migrations.loader import MigrationLoader
from django.db.models import Model
from django.utils.translation import override

# Settings that migrations and models read.
SHAPING = ("INSTALLED_APPS", "AUTH_USER_MODEL", "DEFAULT_AUTO_FIELD", "DATABASE_ROUTERS", "USE_TZ")
SHAPING_PREFIXES = ("DJSTRIPE_", "DEFAULT_TABLESPACE", "DEFAULT_INDEX_TABLESPACE")

# Django writes some lists of words in the order of a set, which is another one in each process.
SET = re.compile(r"'\w+'(,'\w+')+")


def key_of(connection: DatabaseWrapper) -> str:
    """The key of the tables that `migrate` would make there; it does not connect."""
    digest = hashlib.sha256()
    for part in _parts(connection):
        digest.update(part if isinstance(part, bytes) else repr(part).encode())
        digest.update(b"\0")
    return digest.hexdigest()[:32]


def _parts(connection: DatabaseWrapper) -> Iterator[object]:
    yield sys.version, connection.vendor, connection.Database.sqlite_version
    yield from _distributions()
    yield from _settings()
    for config in apps.get_app_configs():
        migrations = list(_migration_files(config))
        yield config.label
        yield from migrations
        for model in config.get_models(include_auto_created=True):
            yield _rows_about(model)
            if not migrations:
                yield _table(connection, model)


def _distributions() -> list[str]:
    """Every installed distribution with its version, as in `django-5.2.19.dist-info`."""
    return sorted({found.name for place in sys.path for found in Path(place).glob("*.dist-info")})


def _settings() -> Iterator[object]:
    for name in dir(settings):
        if name in SHAPING or name.startswith(SHAPING_PREFIXES):
            yield name, getattr(settings, name)


def _migration_files(config: AppConfig) -> Iterator[bytes]:
    """Name and content of each migration; nothing where the tables are made from the models."""
    module, _is_given = MigrationLoader.migrations_module(config.label)
    spec = find_spec(module) if module else None
    for place in (spec and spec.submodule_search_locations) or ():
        for path in sorted(Path(place).glob("*.py")):
            yield path.name.encode()
            yield path.read_bytes()


def _rows_about(model: type[Model]) -> tuple[object, ...]:
    """What is written about the model itself: a content type, and permissions."""
    about = model._meta
    with override(None):
        return (
            about.label,
            about.managed,
            about.proxy,
            str(about.verbose_name),
            tuple(about.default_permissions),
            [(codename, str(name)) for codename, name in about.permissions],
        )


def _table(connection: DatabaseWrapper, model: type[Model]) -> list[str]:
    """The statements that make its table."""
    editor: Any = connection.schema_editor(collect_sql=True, atomic=False)
    editor.deferred_sql = []
    statement, _parameters = editor.table_sql(model)
    statements = [statement, *editor._model_indexes_sql(model), *editor.deferred_sql]
    return [SET.sub(_sorted, str(each)) for each in statements]


def _sorted(found: re.Match[str]) -> str:
    return ",".join(sorted(found[0].split(",")))
