"""Whether the database bears so many runs at once: stripeflow.E110."""

from collections.abc import Sequence

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DEFAULT_DB_ALIAS, connection
from django.utils.translation import gettext as _

from stripeflow.triggers.queue import backend
from stripeflow.workflows import conf
from stripeflow.workflows.checks.setting_rules import complaint

# All of them wait for the one lock of a SQLite database.
MOST_ON_SQLITE = 64


def register_all() -> None:
    """Register the checks; called once, when the app is ready."""
    register(check_sqlite, "stripeflow")
    register(check_connections, Tags.database)


def check_sqlite(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """E110: SQLite writes for one at a time."""
    if connection.vendor != "sqlite" or not _is_sound() or _concurrency() <= MOST_ON_SQLITE:
        return []
    return [_error(_("SQLite bears no more than %(most)d runs at once."), most=MOST_ON_SQLITE)]


def check_connections(
    app_configs: object, databases: Sequence[str] | None = None, **kwargs: object
) -> list[CheckMessage]:
    """E110: each run may take a connection, if its action asks the database during its call."""
    if DEFAULT_DB_ALIAS not in (databases or []) or connection.vendor != "postgresql" or not _is_sound():
        return []
    processes = backend().worker_processes
    others = int(conf.get("OTHER_CONNECTIONS"))
    # The main thread of each process has one of its own.
    most = (_allowed() - others) // processes - 1
    if _concurrency() <= most:
        return []
    if most < 1:
        return [
            Error(
                _(
                    "The database allows too few connections for %(processes)d worker processes besides the "
                    "%(others)d connections of web servers and others."
                )
                % {"processes": processes, "others": others},
                hint=_("Raise its “max_connections”, or start fewer worker processes."),
                id="stripeflow.E110",
            )
        ]
    message = _(
        "With %(processes)d worker processes, and %(others)d connections of web servers and others, the "
        "database's “max_connections” bear no more than %(most)d runs at once."
    )
    return [_error(message, most=most, processes=processes, others=others)]


def _error(message: str, *, most: int, **values: int) -> Error:
    hint = _('Set STRIPEFLOW["CONCURRENCY"] to %(most)d at the most.') % {"most": most}
    return Error(message % {"most": most, **values}, hint=hint, id="stripeflow.E110")


def _allowed() -> int:
    """How many connections the server has for users like ours."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(CASE name WHEN 'max_connections' THEN setting::int ELSE -setting::int END) "
            "FROM pg_settings WHERE name IN ('max_connections', 'superuser_reserved_connections')"
        )
        return int(cursor.fetchone()[0])


def _concurrency() -> int:
    return int(conf.get("CONCURRENCY")) if backend().waits_for_threads else 1


def _is_sound() -> bool:
    """Whether other checks have nothing to say of the settings that these read."""
    try:
        backend()
    except Exception:  # noqa: BLE001  stripeflow.E002 says it
        return False
    names = "CONCURRENCY", "OTHER_CONNECTIONS"
    return not any(complaint(name, conf.get(name)) for name in names)
