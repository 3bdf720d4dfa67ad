"""The system check of connections: active workflows that name one which cannot be used (stripeflow.W020)."""

from collections.abc import Sequence

from django.core.checks import CheckMessage, Tags, Warning, register
from django.db import DEFAULT_DB_ALIAS

from stripeflow.workflows.checks.tables import active_documents, has_tables
from stripeflow.workflows.credentials import connections, named_secrets
from stripeflow.workflows.definition import connection_names, secret_names
from stripeflow.workflows.models import Connection, Secret


def register_all() -> None:
    """Register the check; called once, when the app is ready."""
    register(check_connections, Tags.database)


def check_connections(
    app_configs: object, databases: Sequence[str] | None = None, **kwargs: object
) -> list[CheckMessage]:
    """W020: connections and secrets that active workflows need, and that are not there or cannot be used."""
    if DEFAULT_DB_ALIAS not in (databases or []) or not has_tables(Connection, Secret):
        return []
    needed = [
        (
            title,
            {name for _step, name in connection_names.of_installed(document)},
            secret_names.names_in(document),
        )
        for title, document in active_documents()
    ]
    known = connections.stored({name for _title, names, _secrets in needed for name in names})
    there = named_secrets.stored({name for _title, _names, secrets in needed for name in secrets})
    found = []
    for title, names, secrets in needed:
        gone = [f"the connection “{name}”" for name in names - known.keys()]
        gone += [f"the secret “{name}”" for name in secrets - there]
        found += [f"“{title}” names {one}, which is not there" for one in gone]
        for name in names & known.keys():
            if fault := known[name].fault.rstrip("."):
                found.append(f"“{title}” names the connection “{name}”. {fault}")
    if not found:
        return []
    return [
        Warning(
            f"Active workflows will fail where they call another service: {'; '.join(sorted(found))}.",
            hint="Create the connection, or store the secret, again; or choose another one and activate.",
            id="stripeflow.W020",
        )
    ]
