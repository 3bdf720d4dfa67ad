"""The errors that the engine itself gives a step, as its history and its run keep them."""

from django.utils.translation import gettext as _

from stripeflow.actions.base import Action
from stripeflow.actions.wording import Worded, worded
from stripeflow.workflows.engine.perform import Unauthorized
from stripeflow.workflows.models.failures import Failure, failure, public_sentence


def interrupted() -> Failure:
    """The worker ended while the step was under way."""
    message = _("The worker ended while this step was under way, so nobody knows whether it had its effect.")
    return failure("interrupted", worded(message))


def key_expired() -> Failure:
    """The call is older than an idempotency key lives."""
    message = _(
        "The call was sent more than 23 hours ago without an answer; Stripe may have forgotten its "
        "idempotency key, so it is not sent again."
    )
    return failure("key_expired", worded(message))


def account_gone(refused: Unauthorized) -> Failure:
    """The step was to act as an account that has disconnected the application."""
    message = _(
        "The account has disconnected the application, so nothing can be done as this account any more. %s"
    )
    public = message % public_sentence(refused.code, refused.message)
    own = failure("account_disconnected", Worded(message % refused.message, public))
    return {**refused.to_json(), **own}


def not_reserved(action: Action) -> Failure:
    """The action moved money without reserving it, although there is a limit."""
    message = _(
        "The action “%(label)s” moves money, and has not reserved the amount, so that no daily limit could "
        "count it. Look whether it happened, and say so. Its developer has to call “context.reserve” first."
    )
    return failure("not_reserved", worded(message, names={"label": action.label}))


def not_installed(key: str) -> Failure:
    """This worker has no action of that key."""
    message = _("The action “%s” is not installed on this worker.") % key
    return failure("action_not_installed", worded(message))
