"""SQL that Django's ORM compiles once: see `statement`."""

from stripeflow.triggers.sql.inserts import can_insert_together, insert, insert_if, insert_together
from stripeflow.triggers.sql.statement import Bound, Slot, Statement
from stripeflow.triggers.sql.updates import Change, update, update_both

__all__ = [
    "Bound",
    "Change",
    "Slot",
    "Statement",
    "can_insert_together",
    "insert",
    "insert_if",
    "insert_together",
    "update",
    "update_both",
]
