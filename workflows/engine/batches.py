"""On PostgreSQL: one statement for intents, or outcomes, that several threads write at the same moment.

Each answers for itself: what the statement does not write, its own thread writes alone, which says why it
cannot. So a lone thread executes the statement that it always did.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

from django.db import connection
from django.db.models import QuerySet

from stripeflow.triggers.sql import (
    ALONE,
    Alone,
    Change,
    Given,
    SharedCommit,
    Statement,
    insert_each,
    update_each,
)
from stripeflow.triggers.sql.switch import is_on
from stripeflow.triggers.sql.updates import shape_of
from stripeflow.workflows import lending
from stripeflow.workflows.limits.gates import Gates, closed_for_each
from stripeflow.workflows.models import Run, StepRun
from stripeflow.workflows.states import RunStatus


class _Write(Protocol):
    @property
    def order(self) -> Any: ...  # noqa: ANN401  any key

    @property
    def alone(self) -> Callable[[], Any]: ...


@dataclass(frozen=True)
class _Intent:
    step: StepRun
    alone: Callable[[], None]

    @property
    def order(self) -> Any:  # noqa: ANN401  a key
        return self.step.run_id


@dataclass(frozen=True)
class _Outcome:
    step: Change
    run: Change | None
    alone: Callable[[], bool]

    @property
    def order(self) -> Any:  # noqa: ANN401  a key
        return self.step.where["pk"]


def are_possible() -> bool:
    """Whether the database can write several by one statement."""
    return connection.vendor == "postgresql" and is_on()


def insert_step(step: StepRun, gates: Gates, *, alone: Callable[[], None]) -> None:
    """Insert a step whose run has its token and is running, while all `gates` are open. Raises as `alone`."""
    _intents(gates).write(_Intent(step, alone))


def make_both(step: Change, run: Change | None, *, alone: Callable[[], bool]) -> bool:
    """Make the change of a step, and with it that of its run; returns as `alone`, and raises as it does."""
    shapes = (shape_of(step), None if run is None else shape_of(run))
    return _outcomes(shapes).write(_Outcome(step, run, alone))


@cache
def _intents(gates: Gates) -> SharedCommit[_Intent, None]:
    closed = [closed_for_each(gates)] if gates else []

    def insert_all(intents: Sequence[_Intent]) -> list[None | Alone]:
        steps = [intent.step for intent in intents]
        stored = insert_each(steps, unique=("run", "token"), only=_CLAIMED.bound(), unless=closed)
        return [None if is_stored else ALONE for is_stored in stored]

    return _shared(insert_all)


@cache
def _outcomes(_shapes: tuple[Any, Any]) -> SharedCommit[_Outcome, bool]:
    """For the outcomes that change the same columns."""

    def make_all(outcomes: Sequence[_Outcome]) -> list[bool | Alone]:
        made = update_each([(outcome.step, outcome.run) for outcome in outcomes])
        return [
            (is_left or outcome.run is None) if has_ended else ALONE
            for outcome, (has_ended, is_left) in zip(outcomes, made, strict=True)
        ]

    return _shared(make_all)


def _shared(together: Callable[[Sequence[Any]], Sequence[Any]]) -> SharedCommit[Any, Any]:
    # A thread that waits holds no connection, so that few of them serve many threads.
    return SharedCommit(_alone, together=together, order=_order, before_waiting=lending.give_back)


def _alone(write: _Write) -> Any:  # noqa: ANN401  whatever it returns
    return write.alone()


def _order(write: _Write) -> Any:  # noqa: ANN401  any key
    return write.order


def _claimed() -> QuerySet:
    owner = {"pk": Given(StepRun, "run"), "status": RunStatus.RUNNING, "token": Given(StepRun, "token")}
    return Run.objects.filter(**owner).order_by().values_list("pk")


_CLAIMED = Statement(_claimed)
