"""On demand: a person, a program or a command starts the workflow, and says what it is to work on."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stripeflow.triggers.types.base import Carried, Settings, TriggerType
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.on_demand.kinds import KINDS, Declared
from stripeflow.workflows.definition.on_demand.setting import NAME_OF_SETTING, DeclaredInputs, declared_in

# `Source.ON_DEMAND`, without the module of the rows.
SOURCE = "on_demand"


class OnDemand(TriggerType):
    """Its events are for one workflow. Each holds the inputs that somebody gave."""

    type = "on_demand"
    label = gettext_lazy("On demand")
    description = gettext_lazy("Somebody starts it: by a form, the API or the command line.")
    icon = "play"
    source = SOURCE
    is_addressed = True
    asks_side = True
    settings = (
        DeclaredInputs(
            NAME_OF_SETTING,
            label=gettext_lazy("Inputs"),
            help_text=gettext_lazy(
                "People fill these in when they start the workflow. Steps and conditions can use them under "
                "“Inputs”."
            ),
        ),
    )

    def topics(self, settings: Settings) -> tuple[str, ...]:
        """One; it needs no further choice."""
        return (self.type,)

    def expects_caused(self, settings: Settings) -> bool:
        """A workflow causes one only by a step that runs just this workflow."""
        return True

    def known(self, settings: Settings) -> Carried:
        """The fields of every input."""
        fields = [field for one in declared_in(settings) for field in KINDS[one.kind].carried(one)]
        return Carried(_("Inputs"), fields=tuple(fields))

    def sample(self, settings: Settings, topic: str) -> dict[str, Any]:
        """Made-up inputs of the right types."""
        held: Json = {}
        for one in declared_in(settings):
            kind = KINDS[one.kind]
            field = kind.field(one)
            value = kind.sample(one)
            held |= kind.held(one, None if field.check(value) else field.clean(value))
        return {"object": held}

    def describe_topic(self, topic: str) -> str:
        """What its events are called."""
        return _("On demand")

    def describe(self, settings: Settings) -> str:
        """ "On demand, with Charge, Reason"."""
        return self._with([one.label for one in declared_in(settings)])

    def describe_fully(self, settings: Settings) -> str:
        """ "On demand, with Charge (charge: Stripe ID, charge, Required), Reason (…)"."""
        return self._with([f"{one.label} ({_about(one)})" for one in declared_in(settings)])

    def _with(self, inputs: list[str]) -> str:
        return _("On demand, with %s") % ", ".join(inputs) if inputs else self.describe_topic(self.type)


def _about(one: Declared) -> str:
    """All that is declared of an input but its label."""
    required = [_("Required")] if one.required else []
    details = [str(KINDS[one.kind].label), one.of, *one.choices, *required, one.help_text]
    return f"{one.name}: {', '.join(filter(None, details))}"
