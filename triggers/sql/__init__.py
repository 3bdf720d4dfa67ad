"""SQL that Django's ORM compiles once: see `statement`."""

from stripeflow.triggers.sql.each import Given, OneOf, Unlocked, insert_each, update_each
from stripeflow.triggers.sql.inserts import can_insert_together, insert, insert_if, insert_together
from stripeflow.triggers.sql.many import insert_all, insert_all_together
from stripeflow.triggers.sql.sharing import ALONE, Alone, SharedCommit
from stripeflow.triggers.sql.statement import Bound, Slot, Statement
from stripeflow.triggers.sql.updates import Change, update, update_both

__all__ = [
    "ALONE",
    "Alone",
    "Bound",
    "Change",
    "Given",
    "OneOf",
    "SharedCommit",
    "Slot",
    "Statement",
    "Unlocked",
    "can_insert_together",
    "insert",
    "insert_all",
    "insert_all_together",
    "insert_each",
    "insert_if",
    "insert_together",
    "update",
    "update_both",
    "update_each",
]
