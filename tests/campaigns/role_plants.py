"""Faults that are planted, to see that the campaign finds them."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any
from unittest import mock

from stripeflow.workflows import permissions


@dataclass(frozen=True)
class Plant:
    """A fault, who meets it, and what is said of it.

    `near` stands in the addresses where it is, of which there are few among all.
    """

    name: str
    role: str
    told: str
    planted: Callable[[], AbstractContextManager[Any]]
    near: str = ""


def _gives(permission: str) -> AbstractContextManager[Any]:
    asked = permissions._has
    return mock.patch.object(permissions, "_has", lambda user, name: name == permission or asked(user, name))


PLANTS = (
    Plant(
        "a question that breaks",
        "viewer",
        "500 ZeroDivisionError",
        lambda: mock.patch.object(permissions, "may_see_runs", side_effect=ZeroDivisionError),
    ),
    Plant(
        "payloads for everybody",
        "viewer",
        "was told",
        lambda: _gives(permissions.VIEW_PAYLOAD),
    ),
    Plant("runs that everybody may change", "viewer", "Run ", lambda: _gives(permissions.CHANGE_RUN)),
    Plant(
        "money that everybody may move",
        "operator",
        "money was moved",
        lambda: mock.patch.object(permissions, "may_move_money", return_value=True),
        "/run",
    ),
    Plant(
        "customers that everybody may change",
        "operator",
        "a customer was changed",
        lambda: mock.patch.object(permissions, "may_change_customers", return_value=True),
        "/run",
    ),
)
