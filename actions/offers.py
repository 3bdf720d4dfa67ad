"""What a gallery shows of an action, without making the action."""

from dataclasses import dataclass

from stripeflow.actions.base import Action
from stripeflow.actions.wording import Text


@dataclass(frozen=True, slots=True)
class Offer:
    """One action to choose from.

    `words` are what it is found by besides what is shown, such as its name in English; `fields` are the
    names of its inputs, by which it is found if nothing else is.
    `is_first`: it is shown before the others of its category, and without being searched for. `off` says why
    it cannot be used here, as a sentence; "" if it can be.
    """

    key: str
    label: Text
    category: Text
    icon: str
    description: Text = ""
    moves_money: bool = False
    destructive: bool = False
    changes_customers: bool = False
    writes_to_customers: bool = False
    words: str = ""
    fields: str = ""
    is_first: bool = True
    off: Text = ""

    @classmethod
    def of(cls, action: Action) -> "Offer":
        """What is shown of an action that is registered by itself."""
        return cls(
            key=action.key,
            label=action.label,
            category=action.category,
            icon=action.icon,
            description=action.description,
            moves_money=action.moves_money,
            destructive=action.destructive,
            changes_customers=action.changes_customers,
            writes_to_customers=action.writes_to_customers,
            words=action.key,
            fields=" ".join(action.input_names),
        )
