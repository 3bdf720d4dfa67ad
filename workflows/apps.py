from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stripeflow.triggers.inbox import Decided
    from stripeflow.triggers.models import Event
    from stripeflow.triggers.trail import Done


def start_runs(event: "Event") -> int:
    """The inbox's handler; the matching is imported with the first event, to keep start-up light."""
    from stripeflow.workflows.matching import starting

    return len(starting.start_runs(event))


def decide(events: "Sequence[Event]") -> "Decided":
    """The inbox's decider: the runs that `start_runs` would start, if it would do nothing else."""
    from stripeflow.workflows.matching import starting

    return starting.decide(events)


def record_command(command: object, done: "Done") -> None:
    """The recorder of the commands of `triggers`; the audit log is imported with the first one."""
    from stripeflow.workflows.audit.record import record_done

    record_done(command, done)


def discover() -> None:
    """Import the modules in which installed apps register operators and filters of their own."""
    autodiscover_modules("stripeflow_operators", "stripeflow_filters")


class WorkflowsConfig(AppConfig):
    name = "stripeflow.workflows"
    label = "stripeflow_workflows"
    verbose_name = _("Workflows")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from stripeflow.actions import database
        from stripeflow.triggers import inbox, origins, trail
        from stripeflow.triggers.queue import tasks
        from stripeflow.workflows import blocks, lending, queue, workflow_templates
        from stripeflow.workflows.audit import users
        from stripeflow.workflows.checks import (
            capacity,
            connection_checks,
            customer_email,
            installed,
            journal,
            secret_checks,
            stripe_operations,
            system,
        )
        from stripeflow.workflows.credentials import connections, named_secrets, token_owners
        from stripeflow.workflows.definition import connection_names, other_workflows, secret_names
        from stripeflow.workflows.history import event_origins
        from stripeflow.workflows.versions import others

        blocks.autodiscover()
        discover()
        workflow_templates.autodiscover()
        system.register_all()
        capacity.register_all()
        customer_email.register_all()
        secret_checks.register_all()
        connection_checks.register_all()
        installed.register_all()
        stripe_operations.register_all()
        journal.register_all()
        tasks.register(*queue.TASKS)
        database.set_around(lending.briefly)
        secret_names.set_stored(named_secrets.stored)
        connection_names.set_stored(connections.stored)
        other_workflows.set_answer(others.answer)
        origins.set_origins(event_origins.columns, event_origins.words)
        users.connect()
        trail.set_recorder(record_command)
        token_owners.connect()
        inbox.set_handler(start_runs, decide)
