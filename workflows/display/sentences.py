"""What a status or an error means, and what to do about it, as sentences."""

from typing import Any

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from stripeflow.workflows.display.times import before_stop
from stripeflow.workflows.models import Run
from stripeflow.workflows.models.run import HeldReason
from stripeflow.workflows.states import RunStatus

_STATES: dict[str, Promise] = {
    RunStatus.QUEUED: _("Waiting to start."),
    RunStatus.RUNNING: _("A worker is on it right now."),
    RunStatus.WAITING: _("It goes on automatically."),
    RunStatus.HELD: _("It is held, and goes on once somebody releases it."),
    RunStatus.SUCCEEDED: _("All steps are done."),
    RunStatus.FAILED: _("It stopped with an error."),
    RunStatus.CANCELED: _("It was canceled; nothing more follows."),
    RunStatus.OUTCOME_UNKNOWN: _("It stopped, since nobody knows whether a step had its effect."),
}

_HELD: dict[str, Promise] = {
    HeldReason.PAUSED: _("The run is held, and goes on once the workflow is resumed."),
    HeldReason.SWITCH: _("The run is held, and goes on once they are started again."),
    HeldReason.OBJECT: _("The run is held, and goes on once it is released."),
    HeldReason.ACCOUNT_PAUSED: _("The run is held, and goes on once the workflow is resumed."),
    HeldReason.DEAUTHORIZED: _(
        "The run is held, and goes on once the account connects the application again, or it is released."
    ),
    HeldReason.RESTORED: _(
        "The run is held. Release it if it was not through before the database was lost, else cancel it."
    ),
    HeldReason.AWAITS_RELEASE: _(
        "The run is held. The person who let the others go on may not set it off, so somebody who may has to "
        "release it."
    ),
    HeldReason.UNDECIDED: _("The run is held, and goes on once somebody has chosen the branch."),
}

_ADVICE: dict[str, Promise] = {
    "account_disconnected": _("Act as the platform in this step, or leave it out of this workflow."),
    "action_not_installed": _("Install the app that brings this action, or choose another one."),
    "authentication_failed": _("Check the Stripe API key of this installation; then retry the run."),
    "card_error": _("Stripe or the card's bank refused it. Look at the payment in Stripe's Dashboard."),
    "cap_reached": _("The step's own limit is lower than the refund. Raise it, or refund by hand."),
    "conditions_crashed": _(
        "This is a defect. The event is kept, and the web process’s log has the details."
    ),
    "forbidden": _("The Stripe API key may not do this. Give it the permission; then retry the run."),
    "idempotency_mismatch": _(
        "Its key was used before, most likely before a backup was restored. Check in Stripe what was "
        "done then, and say whether that was this step."
    ),
    "interrupted": _("Check whether it happened, then say so. It is not repeated automatically."),
    "invalid_input": _("Change this input in the workflow. The filter “default” helps with missing values."),
    "invalid_request": _("Stripe did not accept these inputs. Change them in the workflow."),
    "key_expired": _("Check in Stripe whether it happened, then say so here."),
    "mail_unconfirmed": _("Ask a recipient whether the e-mail came, then say so."),
    "mail_unreachable": _("Check the mail server and its settings."),
    "missing_value": _(
        "The event did not have this value. Give the reference a “default”, or test the value in a condition."
    ),
    "no_api_key": _("Set the Stripe API key of this mode in the environment; then resume the workflow."),
    "no_amount": _("This is a defect of the action. Its developer has to mend it."),
    "no_cap": _("Set a daily limit for this currency on the workflow’s page; then retry the run."),
    "no_recipients": _("Choose somebody else in the step, or give these users an e-mail address."),
    "not_our_refund": _("Say that it happened if that refund was this step’s, else do it again."),
    "not_found": _("The object does not exist in this account and mode. Check the reference in the step."),
    "not_reserved": _("Check in Stripe whether it happened, say so here, and pause the workflow meanwhile."),
    "nothing_left": _("It was refunded before. Nothing needs to be done."),
    "rate_limited": _("It is tried again automatically."),
    "replayed_error": _(
        "Stripe cannot say what the call did. Check there whether it happened, then say so here."
    ),
    "reserved_differently": _("This is a defect of the action. Its developer has to mend it."),
    "approval_changed": _("Look at what would happen now, and decide on that."),
    "approval_declined": _("Retry the run to ask once more, or cancel it."),
    "approval_nobody": _("Give more people the permission to decide; then retry the run."),
    "approval_timed_out": _("Retry the run to ask once more, or cancel it."),
    "stopped": _(
        "A step “Stop” ended the run on purpose. If that is wrong, change the workflow, and start the run "
        "again."
    ),
    "workers_lost": _(
        "The worker’s log and the system’s tell why it ended, most often for want of memory. "
        "Then retry the run."
    ),
    "wrong_mode_key": _("Set a key of the right mode in the environment; then resume the workflow."),
}
_ADVICE["mail_connection_lost"] = _ADVICE["mail_unconfirmed"]


def state_sentence(run: Run, *, waits_at: str = "") -> str:
    """What the run's status means for it. `waits_at` is the title of the step whose time it waits for."""
    if run.status == RunStatus.HELD and run.held_reason:
        return f"{run.get_held_reason_display()} {_HELD[run.held_reason]}"
    if run.status == RunStatus.WAITING and run.due_at:
        if waits_at:
            names = {"step": waits_at, "at": before_stop(run.due_at)}
            return _now("It waits at “%(step)s” until %(at)s.") % names
        return _now("Next attempt: %s") % date_format(localtime(run.due_at), "DATETIME_FORMAT")
    return str(_STATES[run.status])


def advice(error: dict[str, Any] | None) -> str:
    """What a person can do about a recorded error, "" if nothing is known."""
    return str(_ADVICE.get((error or {}).get("code", ""), ""))
