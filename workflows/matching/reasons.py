"""Why a workflow started on an event, or did not: every reason with its words."""

from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from stripeflow.workflows.definition.scope import Refusal
from stripeflow.workflows.definition.scope_words import refusal_mark, refusal_sentence


class Reason(StrEnum):
    """What became of an event in one workflow. The most wanted reasons come first."""

    NOT_MET = "not_met"
    # A condition could not be decided.
    UNKNOWN = "unknown"
    # The trigger's scope does not take the event: each is a `Refusal`.
    TEST_EVENT = Refusal.TEST_EVENT.value
    LIVE_EVENT = Refusal.LIVE_EVENT.value
    OWN_EVENT = Refusal.OWN_EVENT.value
    CONNECTED_EVENT = Refusal.CONNECTED_EVENT.value
    UNLISTED_ACCOUNT = Refusal.UNLISTED_ACCOUNT.value
    # One of our calls caused the event: see `limits.loops`.
    OWN_CALL = "own_call"
    # The same, and the version does not start on such events.
    CAUSED_BY_WORKFLOW = "caused_by_workflow"
    # Compared with the workflows in the second of the activation, just before it.
    SAME_SECOND = "same_second"
    # The event waits for the sweep.
    NOT_MATCHED_YET = "not_matched_yet"
    # A thin event, of which Stripe has not sent the object yet.
    NOT_FETCHED = "not_fetched"
    # Its payload is gone.
    EMPTIED = "emptied"
    # Created before the first activation.
    BEFORE_ACTIVATION = "before_activation"
    # Created outside every activation.
    NOT_ACTIVE_THEN = "not_active_then"
    STARTED = "started"

    @property
    def refusal(self) -> Refusal | None:
        """Why the trigger's scope does not take the event, if that is the reason."""
        return Refusal(self.value) if self.value in set(Refusal) else None

    @property
    def is_replayable(self) -> bool:
        """Whether a replay can start it, although matching did not."""
        return self in (Reason.BEFORE_ACTIVATION, Reason.SAME_SECOND, Reason.NOT_ACTIVE_THEN)

    @property
    def mark(self) -> str:
        """The reason in a word or two."""
        refusal = self.refusal
        return refusal_mark(refusal) if refusal else str(_MARKS[self])

    def sentence(self, *, account: str = "", at: str = "") -> str:
        """The reason, for people. `account` is the event's; `at` is when the workflow was first activated."""
        refusal = self.refusal
        return refusal_sentence(refusal, account) if refusal else str(_SENTENCES[self]) % {"at": at}


_SENTENCES: dict[Reason, Promise] = {
    Reason.NOT_MET: _("The trigger conditions were not met."),
    Reason.UNKNOWN: _("A trigger condition could not be decided, so the workflow did not start."),
    Reason.OWN_CALL: _(
        "A workflow caused the event, by a call or by its own end, so that this workflow would run in a "
        "circle."
    ),
    Reason.CAUSED_BY_WORKFLOW: _(
        "A workflow caused the event, and the trigger does not take such events. By default, what "
        "moves money or destroys something does not; its trigger has the choice."
    ),
    Reason.SAME_SECOND: _(
        "The event came in the very second in which the workflow was activated, just before it. "
        "It can be replayed."
    ),
    Reason.NOT_MATCHED_YET: _("The event has not been compared with the workflows yet."),
    Reason.NOT_FETCHED: _(
        "The event and its object have not been fetched from Stripe yet; see the event's page."
    ),
    Reason.EMPTIED: _(
        "The payload of the event was emptied because of its age, so nobody can tell any more."
    ),
    Reason.BEFORE_ACTIVATION: _(
        "The event was created before %(at)s, when the workflow was activated. It can be replayed."
    ),
    Reason.NOT_ACTIVE_THEN: _("The workflow was not active when the event was created. It can be replayed."),
    Reason.STARTED: _("The workflow started."),
}

_MARKS: dict[Reason, Promise] = {
    Reason.NOT_MET: _("Not met"),
    Reason.UNKNOWN: _("Unknown"),
    Reason.OWN_CALL: _("Own call"),
    Reason.CAUSED_BY_WORKFLOW: _("Caused by a workflow"),
    Reason.SAME_SECOND: _("Just before activation"),
    Reason.NOT_MATCHED_YET: _("Not compared yet"),
    Reason.NOT_FETCHED: _("Not fetched yet"),
    Reason.EMPTIED: _("Emptied"),
    Reason.BEFORE_ACTIVATION: _("Before activation"),
    Reason.NOT_ACTIVE_THEN: _("Not active then"),
    Reason.STARTED: _("Started"),
}
