from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from triggers.inbox import Decision
    from triggers.models import Event
    from triggers.trail import Done


def start_runs(event: "Event") -> int:
    """The inbox's handler; the matching is imported with the first event, to keep start-up light."""
    from workflows import matching

    return len(matching.start_runs(event))


def decide(event: "Event") -> "Decision | None":
    """The inbox's decider: the runs that `start_runs` would start, where that is all it would do."""
    from workflows import matching

    return matching.decide(event)


def record_command(command: object, done: "Done") -> None:
    """The recorder of the commands of `triggers`; the audit log is imported with the first one."""
    from workflows.audit.record import record_done

    record_done(command, done)


class WorkflowsConfig(AppConfig):
    name = "workflows"
    label = "stripeflow_workflows"
    verbose_name = _("Workflows")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from triggers import inbox, trail
        from triggers.queue import task_guard
        from workflows import checks, queue_safety
        from workflows.audit import users
        from workflows.credentials import secret_checks, token_owners

        checks.register_all()
        queue_safety.register_all()
        secret_checks.register_all()
        task_guard.allow("workflows.tasks")
        users.connect()
        trail.set_recorder(record_command)
        token_owners.connect()
        inbox.set_handler(start_runs, decide)
