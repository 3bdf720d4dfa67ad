"""A Stripe event: one or several of its types start the workflow."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stripeflow.triggers import catalogue
from stripeflow.triggers.models import Source
from stripeflow.triggers.recent import Recent, recent
from stripeflow.triggers.types import DEFAULT_TYPE
from stripeflow.triggers.types.base import Carried, SettingProblem, Settings, TriggerType
from stripeflow.triggers.types.stripe_event.labels import label_of
from stripeflow.triggers.types.stripe_event.setting import EventTypes, event_types_of, written


class StripeEvent(TriggerType):
    """What the webhook and the reconciliation accept. A topic is an event type of Stripe's."""

    type = DEFAULT_TYPE
    label = gettext_lazy("A Stripe event")
    description = gettext_lazy("Something happens at Stripe: a payment succeeds, a charge is refunded.")
    source = Source.STRIPE
    settings = (
        EventTypes(
            "event_type",
            label=gettext_lazy("Event"),
            help_text=gettext_lazy(
                "What happens at Stripe. Common events come first; type to search the others."
            ),
        ),
    )

    def topics(self, settings: Settings) -> tuple[str, ...]:
        """The chosen event types, in their order."""
        return event_types_of(settings.get("event_type", ""))

    def normal(self, settings: Settings) -> Settings:
        """One event type is a text, also if it was given as a list of one."""
        return {**settings, "event_type": written(self.topics(settings))}

    def known(self, settings: Settings) -> Carried:
        """The object that each of the types carries; with several, what one of them may hold."""
        topics = self.topics(settings)
        carried = catalogue.carried_by(topics)

        def newest() -> Recent:
            return recent(topics)

        return Carried(
            str(catalogue.object_label(carried)) if carried else _("Object of the event"),
            carried,
            is_open=True,
            tracks_changes=any(catalogue.any_event_type(one).has_previous_attributes for one in topics),
            recent=newest,
        )

    def sample(self, settings: Settings, topic: str) -> dict[str, Any]:
        """The catalogue's sample of the object; {} where it knows none."""
        known = catalogue.any_event_type(topic)
        before: dict[str, Any] = {"previous_attributes": {}} if known.has_previous_attributes else {}
        try:
            return {"object": catalogue.sample(known.object) if known.object else {}, **before}
        except catalogue.UnknownObject:
            return {"object": {}, **before}

    def describe(self, settings: Settings) -> str:
        """ "Charge refunded or Refund created"; "" as long as nobody has chosen."""
        *others, last = [label_of(topic) for topic in self.topics(settings)] or [""]
        if not others:
            return last
        return _("%(names)s or %(last)s") % {"names": ", ".join(others), "last": last}

    def describe_topic(self, topic: str) -> str:
        """The label of an event type."""
        return label_of(topic)

    def category(self, topic: str) -> str:
        """The heading under which a list of event types has it."""
        return str(catalogue.any_event_type(topic).category.label)

    def icon_of(self, topic: str) -> str:
        """The icon of that heading."""
        return catalogue.any_event_type(topic).category.icon

    def object_of(self, topic: str, *, guessed: bool) -> str | None:
        """The object that Stripe's SDK says, or that the name suggests."""
        found = catalogue.any_event_type(topic)
        return found.object if guessed or found.listed else None

    def check(self, settings: Settings) -> Iterator[SettingProblem]:
        """Yield what is wrong with each event type. That the SDK does not list it is only a warning."""
        topics = self.topics(settings)
        if not topics:
            yield SettingProblem("event_type", "missing", _("Choose the event that starts the workflow."))
        for topic in topics:
            yield from _problems_of(topic)


def _problems_of(topic: str) -> Iterator[SettingProblem]:
    if catalogue.any_event_type(topic).listed:
        return
    path, code = "event_type", "unknown_event_type"
    if not catalogue.may_be_sent(topic):
        message = _("“%s” cannot be an event type of Stripe. Choose one from the list.") % topic
        yield SettingProblem(path, code, message)
        return
    message = _("Stripe's API version %(version)s does not list the event type “%(type)s”.") % {
        "version": catalogue.api_version(),
        "type": topic,
    }
    yield SettingProblem(path, code, " ".join([message, *_unlisted(topic)]), is_warning=True)


def _unlisted(topic: str) -> Iterator[str]:
    """What there is to say of an event type that the installed SDK does not list."""
    if recent([topic]).events:
        yield _("Events of it have come, so that it starts the workflow.")
        return
    yield _("It starts the workflow if Stripe sends it; none has come yet.")
    if near_ones := catalogue.similar_event_types(topic):
        yield _("Did you mean “%s”?") % near_ones[0]
