"""The system check of what an upgrade of the `stripe` package changed for active workflows: stripeflow.W018.

An operation that is gone is no longer installed, and W014 says so. Here it is about those that are there,
and do not take any more what a step gives them.
"""

from collections.abc import Iterator, Sequence

from django.core.checks import CheckMessage, Tags, Warning, register
from django.db import DEFAULT_DB_ALIAS
from django.utils.translation import gettext as _

from stripeflow.workflows.checks.tables import has_tables
from stripeflow.workflows.maintenance.sdk_changes import REFUSED, findings
from stripeflow.workflows.models import Workflow, WorkflowVersion


def register_all() -> None:
    """Register the check; called once, when the app is ready."""
    register(check_operations, Tags.database)


def check_operations(
    app_configs: object, databases: Sequence[str] | None = None, **kwargs: object
) -> list[CheckMessage]:
    """W018: an active workflow whose step would be refused today, by the operations of the installed SDK."""
    if DEFAULT_DB_ALIAS not in (databases or []):
        return []
    return list(_warnings())


def _warnings() -> Iterator[CheckMessage]:
    if not has_tables(Workflow, WorkflowVersion):
        return
    for found in findings():
        if found.code == REFUSED:
            message = _(
                "The active workflow “%(name)s” has a step “%(step)s” that Stripe’s SDK refuses: %(why)s"
            )
            given = {"name": found.workflow_name, "step": found.step_title, "why": found.message}
            hint = _("Change the step to what the installed “stripe” package takes, and activate it again.")
            yield Warning(message % given, hint=hint, id="stripeflow.W018")
