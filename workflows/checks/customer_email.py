"""The system check of active workflows that write to customers, and could not: stripeflow.E115."""

from collections.abc import Iterator, Sequence

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DEFAULT_DB_ALIAS

from stripeflow.actions.builtin.customer_email import EmailCustomer
from stripeflow.workflows.checks.tables import active_documents
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.walk import steps


def register_all() -> None:
    """Register the check; called once, when the app is ready."""
    register(check_customer_email, Tags.database)


def check_customer_email(
    app_configs: object, databases: Sequence[str] | None = None, **kwargs: object
) -> list[CheckMessage]:
    """E115: an active workflow writes to customers, and there is no sender, or no page to unsubscribe."""
    if DEFAULT_DB_ALIAS not in (databases or []):
        return []
    return list(_errors())


def _errors() -> Iterator[CheckMessage]:
    for name, document in active_documents():
        for fault in dict.fromkeys(_faults(document)):
            yield Error(
                f"The active workflow “{name}” writes to customers. {fault}",
                hint="See docs/customer-email.md.",
                id="stripeflow.E115",
            )


def _faults(document: Json) -> Iterator[str]:
    action = EmailCustomer()
    for place in steps(document):
        if place.step.get("action") == action.key:
            yield from (problem.message for problem in action.check_current(place.step.get("inputs", {})))
