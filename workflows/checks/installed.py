"""The system check of what active workflows use and is not installed any more: stripeflow.W014."""

from collections.abc import Iterator, Sequence

from django.core.checks import CheckMessage, Tags, Warning, register
from django.db import DEFAULT_DB_ALIAS
from django.utils.translation import gettext as _

from stripeflow.workflows.checks.tables import active_documents
from stripeflow.workflows.definition.not_installed import not_installed


def register_all() -> None:
    """Register the check; called once, when the app is ready."""
    register(check_installed, Tags.database)


def check_installed(
    app_configs: object, databases: Sequence[str] | None = None, **kwargs: object
) -> list[CheckMessage]:
    """W014: an active workflow whose condition is always unknown, or whose step always fails."""
    if DEFAULT_DB_ALIAS not in (databases or []):
        return []
    return list(_warnings())


def _warnings() -> Iterator[CheckMessage]:
    for name, document in active_documents():
        if missing := not_installed(document):
            message = _("The active workflow “%(name)s” uses what is not installed here: %(missing)s.")
            yield Warning(
                message % {"name": name, "missing": ", ".join(missing)},
                hint=_("Install the app that it belongs to, or change the workflow and activate it again."),
                id="stripeflow.W014",
            )
