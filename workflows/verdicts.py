"""What a workflow made of an event, in a sentence."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from workflows.why import Verdict

_SENTENCES: dict[str, Promise] = {
    "started": _("The workflow started."),
    "own_call": _("A workflow's own call caused the event, so that this workflow would run in a circle."),
    "not_active_then": _("The workflow was not active when the event was created."),
    "not_met": _("The trigger conditions were not met."),
    "unknown": _("A trigger condition could not be decided, so the workflow did not start."),
    "not_matched_yet": _("The event has not been compared with the workflows yet."),
    "emptied": _("The payload of the event was emptied, being old, so nobody can tell any more."),
}


def sentence(verdict: Verdict) -> str:
    """The verdict's reason, for people."""
    return str(_SENTENCES[verdict.reason])
