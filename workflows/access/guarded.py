"""Effects that need a permission of their own, besides operating or publishing.

A frozen version is of the kinds that its steps have. A new kind is an entry in `GUARDED`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from stripeflow.workflows import permissions
from stripeflow.workflows.definition.changing import changes_customers
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.undecided import moves_or_destroys


class Through(StrEnum):
    """What a person does to set it off; it chooses the sentence of the refusal."""

    THIS_WORKFLOW = "this_workflow"
    NEW_EVENTS = "new_events"
    SECRET = "secret"  # noqa: S105  a name
    CONNECTION = "connection"


@dataclass(frozen=True, slots=True)
class Guarded:
    """A kind of effect. `is_in` says whether a frozen document has it, and `question` who may set it off.

    `permission` is the name of what they need, and `messages` say that it is missing. With `asks_for_proof`,
    the project's `MONEY_CHECK` is asked in addition.
    """

    label: str | Promise
    permission: str
    is_in: Callable[[Json], bool]
    question: Callable[[Any], bool]
    messages: Mapping[Through, Promise]
    asks_for_proof: bool


_MONEY: dict[Through, Promise] = {
    Through.THIS_WORKFLOW: _(
        "This workflow moves money or destroys something, or an action of it is not installed. It needs the "
        "permission “Can activate and run workflows that move money”."
    ),
    Through.NEW_EVENTS: _(
        "An active workflow moves money or destroys something, or an action of it is not installed, and new "
        "events would set it off. That needs the permission “Can activate and run workflows that move "
        "money”. Ask somebody who has it, or pause that workflow first."
    ),
    Through.SECRET: _(
        "A workflow that runs uses this secret, and moves money or destroys something, or an action of it "
        "is not installed. To replace the value needs the permission “Can activate and run workflows that "
        "move money”. Ask somebody who has it."
    ),
    Through.CONNECTION: _(
        "A workflow that runs uses this connection, and moves money or destroys something, or an action of "
        "it is not installed. To change the connection needs the permission “Can activate and run workflows "
        "that move money”. Ask somebody who has it."
    ),
}
_CUSTOMERS: dict[Through, Promise] = {
    Through.THIS_WORKFLOW: _(
        "This workflow changes customers or writes to them, or an action of it is not installed. It needs "
        "the permission “Can activate and run workflows that change customers”."
    ),
    Through.NEW_EVENTS: _(
        "An active workflow changes customers or writes to them, or an action of it is not installed, and "
        "new events would set it off. That needs the permission “Can activate and run workflows that change "
        "customers”. Ask somebody who has it, or pause that workflow first."
    ),
    Through.SECRET: _(
        "A workflow that runs uses this secret, and changes customers or writes to them, or an action of it "
        "is not installed. To replace the value needs the permission “Can activate and run workflows that "
        "change customers”. Ask somebody who has it."
    ),
    Through.CONNECTION: _(
        "A workflow that runs uses this connection, and changes customers or other data elsewhere, or an "
        "action of it is not installed. To change the connection needs the permission “Can activate and run "
        "workflows that change customers”. Ask somebody who has it."
    ),
}

# The gravest first: its sentence is the one that people read.
GUARDED = (
    Guarded(
        _("moves money or destroys something"),
        permissions.MOVE_MONEY,
        lambda document: moves_or_destroys(document["steps"]),
        lambda user: permissions.may_move_money(user),
        _MONEY,
        asks_for_proof=True,
    ),
    Guarded(
        _("changes customers"),
        permissions.CHANGE_CUSTOMERS,
        changes_customers,
        lambda user: permissions.may_change_customers(user),
        _CUSTOMERS,
        asks_for_proof=False,
    ),
)
