"""What a workflow made of an event, in a sentence."""

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from stripeflow.workflows.definition.scope import Refusal
from stripeflow.workflows.definition.scope_words import refusal_mark, refusal_sentence
from stripeflow.workflows.matching.why import Verdict

_SENTENCES: dict[str, Promise] = {
    "started": _("The workflow started."),
    "own_call": _("A workflow's own call caused the event, so that this workflow would run in a circle."),
    "caused_by_workflow": _(
        "A workflow's own call caused the event, and the trigger does not take such events. By default, what "
        "moves money or destroys something does not; its trigger has the choice."
    ),
    "before_activation": _(
        "The event was created before %(at)s, when the workflow was activated. It can be replayed."
    ),
    "same_second": _(
        "The event came in the very second in which the workflow was activated, just before it. "
        "It can be replayed."
    ),
    "not_active_then": _("The workflow was not active when the event was created. It can be replayed."),
    "not_met": _("The trigger conditions were not met."),
    "unknown": _("A trigger condition could not be decided, so the workflow did not start."),
    "not_matched_yet": _("The event has not been compared with the workflows yet."),
    "not_fetched": _("The event and its object have not been fetched from Stripe yet; see the event's page."),
    "emptied": _("The payload of the event was emptied, being old, so nobody can tell any more."),
}

_MARKS: dict[str, Promise] = {
    "started": _("Started"),
    "own_call": _("Own call"),
    "caused_by_workflow": _("Caused by a workflow"),
    "before_activation": _("Before activation"),
    "same_second": _("Just before activation"),
    "not_active_then": _("Not active then"),
    "not_met": _("Not met"),
    "unknown": _("Unknown"),
    "not_matched_yet": _("Not compared yet"),
    "not_fetched": _("Not fetched yet"),
    "emptied": _("Emptied"),
}


def mark(verdict: Verdict) -> str:
    """The verdict's reason in a word or two."""
    if refusal := _refusal(verdict):
        return refusal_mark(refusal)
    return str(_MARKS[verdict.reason])


def sentence(verdict: Verdict) -> str:
    """The verdict's reason, for people."""
    if refusal := _refusal(verdict):
        return refusal_sentence(refusal, verdict.account)
    words = str(_SENTENCES[verdict.reason])
    if verdict.reason != "before_activation" or verdict.activation is None:
        return words
    at = timezone.localtime(verdict.activation.started_at)
    return words % {"at": date_format(at, "DATETIME_FORMAT")}


def _refusal(verdict: Verdict) -> Refusal | None:
    """What the trigger's scope has against the event, if that is the reason."""
    return Refusal(verdict.reason) if verdict.reason in set(Refusal) else None
