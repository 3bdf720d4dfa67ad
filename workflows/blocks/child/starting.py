"""Starts the other run, once for each call of a step, and finds it again."""

from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from stripeflow.actions.wording import worded
from stripeflow.triggers.account_mode import AccountMode
from stripeflow.triggers.models import Event
from stripeflow.workflows.audit.acts import NotPossible
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.on_demand.kinds import KINDS, Declared, currency_name
from stripeflow.workflows.definition.on_demand.trigger import SOURCE
from stripeflow.workflows.engine.transitions import Claim, renew
from stripeflow.workflows.matching.addressed import NotAddressable, Occurrence, accept_for
from stripeflow.workflows.matching.why import explain
from stripeflow.workflows.models import Run, Workflow, WorkflowVersion
from stripeflow.workflows.models.failures import Failure, failure
from stripeflow.workflows.operations.asking import held_of, inputs_of
from stripeflow.workflows.operations.invoking import moment_of


@dataclass(frozen=True)
class Call:
    """What a step asks for: the workflow, and its inputs by name. The same `key` starts at most one run."""

    run: Run
    workflow: Json
    values: Json
    key: str


def started(call: Call, claim: Claim) -> Run | Failure:
    """The run that this call has started, or starts now; else why it cannot, as an error of the step.

    None starts for a run that was canceled meanwhile: a cancel comes before, or finds the run that has
    started. Raises `LostLease`.
    """
    if (event := _event_of(call)) is not None:
        return _run_of(event) or _not_started(call, event)
    try:
        with transaction.atomic():
            renew(claim)
            version = _locked_version(call)
            if isinstance(version, dict):
                return version
            declared = inputs_of(version)
            held, about = held_of(declared, mapped(declared, call.values))
            occurrence = Occurrence(
                call.key,
                moment_of(version.workflow),
                held,
                AccountMode.of(call.run),
                about,
                cause=call.key,
            )
            event = accept_for(version, occurrence).event
    except (NotPossible, NotAddressable) as error:
        return _failure(call, "child_refused", str(error))
    return _run_of(event) or _not_started(call, event)


def mapped(declared: tuple[Declared, ...], values: Json) -> Json:
    """What somebody would give who starts it: the values of a step, read by what the workflow asks for."""
    parts = {currency_name(one.name) for one in declared} - {one.name for one in declared}
    given = {one.name: KINDS[one.kind].mapped(one, values) for one in declared}
    # Of an input that nobody asks for, the workflow says so.
    others = {name: value for name, value in values.items() if name not in given and name not in parts}
    return {name: value for name, value in {**given, **others}.items() if value is not None}


def _locked_version(call: Call) -> WorkflowVersion | Failure:
    """The active version, which stays it for as long as the transaction is open."""
    row = Workflow.objects.select_for_update(no_key=True).filter(pk=call.workflow["id"]).first()
    if row is None:
        return _failure(call, "child_missing", _("It is not there any more."))
    if row.active_version_id is None:
        return _failure(call, "child_inactive", _("It is not active. Activate it, then retry the run."))
    return WorkflowVersion.objects.select_related("workflow").get(pk=row.active_version_id)


def _event_of(call: Call) -> Event | None:
    return Event.objects.filter(request_idempotency_key=call.key, source=SOURCE).first()


def _run_of(event: Event) -> Run | None:
    runs = Run.objects.filter(event=event, rerun_of=None)
    return runs.select_related("version", "workflow").first()


def _not_started(call: Call, event: Event) -> Failure:
    reasons = [one.sentence for one in explain(event) if one.workflow.pk == call.workflow["id"]]
    return _failure(call, "child_not_started", *reasons[:1])


def _failure(call: Call, code: str, reason: str = "") -> Failure:
    message = _("The workflow “%(name)s” was not started. %(reason)s")
    return failure(code, worded(message, names={"name": call.workflow["name"], "reason": reason}))
