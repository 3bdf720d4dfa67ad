"""One dry run as a person asked for it: of a definition, on an event or a sample."""

from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from stripeflow.triggers.models import Event
from stripeflow.workflows.conditions import Truth
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.rehearsal.drafts import NotRehearsable, Script
from stripeflow.workflows.rehearsal.payloads import OtherEvent, completed
from stripeflow.workflows.rehearsal.results import End, Rehearsal
from stripeflow.workflows.rehearsal.samples import CatalogueSamples, Samples, sample_side
from stripeflow.workflows.rehearsal.stored import StoredSamples, given_event, given_sample
from stripeflow.workflows.rehearsal.walking import Given, not_walked, rehearse


@dataclass(frozen=True)
class Trial:
    """A dry run with its definition and event. `event` is None for a sample, and for a given payload."""

    script: Script
    given: Given
    found: Rehearsal
    event: Event | None = None
    # Why it would never start on events of this kind.
    other_event: str = ""


def rehearse_event(script: Script, event: Event, *, anyway: bool = False, payloads: bool) -> Trial:
    """Rehearse on a stored event. `payloads`: whether objects of other events may be shown.

    Raises `NotRehearsable`, also for an event of another type, or one that was emptied or is not fetched yet.
    """
    if not script.trigger.starts_on(event, script.workflow.pk):
        raise NotRehearsable(_does_not_start(script, event))
    if event.pruned_at is not None:
        raise NotRehearsable(_("The payload of this event was emptied because of its age."))
    if not event.is_whole:
        raise NotRehearsable(_("This event and its object have not been fetched from Stripe yet."))
    samples: Samples = StoredSamples(event) if payloads else CatalogueSamples()
    return _trial(script, given_event(event), samples, event, anyway=anyway)


def rehearse_payload(script: Script, payload: Json, *, anyway: bool = False) -> Trial:
    """Rehearse on an event, or its bare object, that is not stored.

    On an event of another type it would not start, whatever it holds. Raises `NotRehearsable`, which is
    a `NoEvent` for what is no event at all.
    """
    plan = script.plan()
    try:
        given = Given(completed(payload, script.trigger, sample_side(plan.scope)))
    except OtherEvent as error:
        untouched = Rehearsal(None, Truth.NOT_MET, End.NOT_STARTED, not_walked(plan.steps))
        return Trial(script, Given(payload), untouched, other_event=str(error))
    return _trial(script, given, CatalogueSamples(), None, anyway=anyway)


def rehearse_sample(script: Script, *, anyway: bool = False) -> Trial:
    """Rehearse on a sample event. Raises `NotRehearsable`."""
    return _trial(script, given_sample(script.plan()), CatalogueSamples(), None, anyway=anyway)


def _does_not_start(script: Script, event: Event) -> str:
    kind = script.trigger.kind
    if kind and kind.is_addressed and kind.source == event.source:
        return _("The event is for another workflow.")
    return _("The workflow does not start on events of the type %s.") % event.type


def _trial(script: Script, given: Given, samples: Samples, event: Event | None, *, anyway: bool) -> Trial:
    found = rehearse(script.plan(), given, now=timezone.now(), samples=samples, anyway=anyway)
    return Trial(script, given, found, event)
