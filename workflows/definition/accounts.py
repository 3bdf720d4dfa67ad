"""Compares the account that a step acts in with the account of the objects it refers to. Pure."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from stripeflow.actions.base import Action
from stripeflow.actions.inputs import IdInput
from stripeflow.workflows.definition import kinds
from stripeflow.workflows.definition.choices import Accounts, ActsAs
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.scope import TriggerScope
from stripeflow.workflows.definition.typing import Known
from stripeflow.workflows.references import TemplateError, parse

# Objects that belong to the platform, or have the same id there, even if another account's event names them.
_OF_THE_PLATFORM = frozenset({"account", "application", "application_fee", "fee_refund", "transfer"})


def account_doubts(
    step: Json, action: Action, known: Known, scope: TriggerScope
) -> Iterator[tuple[str, str, str]]:
    """Field, code and sentence for each id that may belong to another account than the step acts in."""
    if not action.uses_account:
        if acts_as(step) is ActsAs.PLATFORM:
            message = _("This action does not call Stripe, so it makes no difference as whom it acts.")
            yield "acts_as", "acts_as_unused", message
        return
    if scope.accounts is Accounts.OWN:
        return
    for field in action.inputs:
        if isinstance(field, IdInput) and field.of not in _OF_THE_PLATFORM:
            side = _side_of(step.get("inputs", {}).get(field.name), known)
            if side not in (None, acts_as(step)):
                yield field.name, "other_account", _SENTENCES[side]() % field.label


def acts_as(step: Json) -> ActsAs:
    """As whom a step of a document acts."""
    return ActsAs(step.get("acts_as", ActsAs.EVENT))


def _side_of(value: object, known: Known) -> ActsAs | None:
    """The account of the object whose id an input refers to; None if it is unknown."""
    try:
        references = parse(value).references if isinstance(value, str) else ()
    except TemplateError:
        return None
    if len(references) != 1:
        return None
    root, *rest = (str(part) for part in references[0].path)
    if root == "trigger":
        return ActsAs.EVENT
    step = known.step(rest[0]) if root == "steps" and rest else None
    action = kinds.of(step).declared(step) if step else None
    return acts_as(step) if step and action is not None and action.uses_account else None


def _of_event() -> str:
    return _(
        "“%s” is of the account of the event, but this step acts as your own account, which has no "
        "objects of connected accounts. Let it act as the account of the event."
    )


def _of_platform() -> str:
    return _(
        "“%s” comes from a step that acts as your own account, but this one as the account of the event. "
        "Let both act as the same one."
    )


_SENTENCES = {ActsAs.EVENT: _of_event, ActsAs.PLATFORM: _of_platform}
