"""Run by test_every_point.py in a process of its own: dies at every point, recovers, and counts what broke.

`python -m tests.crashes.campaign <every> <pairs> <seed>`, on the empty database of DATABASE_URL. Prints
one line of JSON. With `every` 1 it dies at every point; with 0 once in every state that can be left behind,
at the last point before the next lasting change, and at every point where little happens.
At the end the safeguards are switched off in turn, and the checks have to find that.
"""

import json
import random
import sys
from collections.abc import Callable
from typing import Any
from unittest import mock
from uuid import uuid4

import django
from django.conf import settings

django.setup()

from stripeflow.triggers import inbox  # noqa: E402
from stripeflow.triggers.models import Event  # noqa: E402
from stripeflow.triggers.queue import temporarily  # noqa: E402
from stripeflow.workflows.engine import attempt  # noqa: E402
from stripeflow.workflows.liveness import heartbeat  # noqa: E402
from stripeflow.workflows.worker import due  # noqa: E402
from tests.crashes.outside import register_actions  # noqa: E402
from tests.crashes.points import Points  # noqa: E402
from tests.crashes.tables import make_tables  # noqa: E402
from tests.crashes.world import Queue, World, make_workflows  # noqa: E402

# Scenarios with no more points than this die at each of them.
FEW = 15

# Scenarios with several events.
EVENTS = {"accepting_together": 3}

Scenario = Callable[[World], Callable[[], None]]


def accepting(world: World) -> Callable[[], None]:
    return world.deliver


def accepting_together(world: World) -> Callable[[], None]:
    return world.deliver_together


def sweeping(world: World) -> Callable[[], None]:
    with inbox.temporary_handler(lambda _event: 1 / 0):
        world.deliver()
    world.wait()
    return world.ring


def ringing(world: World) -> Callable[[], None]:
    world.deliver()
    world.queue.messages.clear()
    world.wait()
    return world.ring


def executing(world: World) -> Callable[[], None]:
    """Both runs from the first claim to the end, with every wait in between."""
    world.deliver()

    def work() -> None:
        world.work_off()
        for _attempt in range(5):
            world.wait()
            world.turn()

    return work


SCENARIOS: dict[str, Scenario] = {
    scenario.__name__: scenario for scenario in (accepting, accepting_together, sweeping, ringing, executing)
}


def live(scenario: Scenario, *deaths: int | None) -> tuple[Points, list[str]]:
    """One life with these deaths, the first in the scenario's own work; returns its points, and faults."""
    world = World(EVENTS.get(scenario.__name__, 1))
    work = scenario(world)
    passed = world.die_in(work, at=deaths[0])
    world.die_in(world.deliver, at=None)  # Stripe delivers again what was not acknowledged
    for death in deaths[1:]:
        world.wait()
        world.die_in(world.turn, at=death)
    settled = world.settle()
    world.deliver()
    faults = world.faults() if settled and world.settle() else ["it never came to an end"]
    return passed, faults


def every_point(every: bool) -> dict[str, dict]:
    results = {}
    for name, scenario in SCENARIOS.items():
        points, faults = live(scenario, None)
        found = {"without a death": faults} if faults else {}
        numbers = range(1, len(points.names) + 1)
        if not every and len(numbers) > FEW:
            numbers = sorted({*points.last_of_state, len(points.names)})
        for number in numbers:
            point = points.names[number - 1]
            reached, faults = live(scenario, number)
            if reached.names[-1] != point:
                faults.append(f"died {reached.names[-1]} instead")
            if faults:
                found[f"{number}: {point}"] = faults
        results[name] = {"points": len(points.names), "deaths": len(numbers), "faults": found}
    return results


def lost_rings() -> list[str]:
    """An acknowledged event whose rings are all lost, and that Stripe never sends again."""
    found = []
    points, _ = live(accepting, None)
    for number in range(1, len(points.names) + 1):
        world = World()
        world.die_in(world.deliver, at=number)
        if not Event.objects.exists():
            continue
        if not world.settle() or world.faults():
            found.append(f"{number}: {world.faults()}")
    return found


def pairs(number: int, seed: int) -> dict[str, list[str]]:
    """Lives with two or three deaths at random points."""
    chance = random.Random(seed)
    found = {}
    for _ in range(number):
        name = chance.choice(list(SCENARIOS))
        deaths = [chance.randint(1, 60) for _ in range(chance.randint(2, 3))]
        faults = live(SCENARIOS[name], *deaths)[1]
        if faults:
            found[f"{name} {deaths}"] = faults
    return found


def without_keys() -> Any:
    """Every attempt has a key of its own."""
    start_step = attempt.start_step

    def start(claim, step, **options):
        step.idempotency_key = f"stripeflow:{uuid4()}"
        return start_step(claim, step, **options)

    return mock.patch.object(attempt, "start_step", start)


def without_memory() -> Any:
    """A step that a dead worker left behind is made again, whatever it does."""
    return mock.patch.object(attempt.Attempt, "_check_repeat", return_value=None)


def without_sweep() -> Any:
    """Nobody rings what was not rung."""
    return mock.patch.object(due, "notify_due", return_value=0)


# Each with the point after which it is needed.
SAFEGUARDS = {
    "keys": (without_keys, "after the effect of pay"),
    "memory": (without_memory, "after the effect of tell"),
    "sweep": (without_sweep, "after the effect of lost"),
}


def bitten(safeguard: str) -> list[str]:
    """What the checks find after one death without a safeguard."""
    switched_off, point = SAFEGUARDS[safeguard]
    passed, _ = live(executing, None)
    with switched_off():
        return sorted(set(live(executing, passed.names.index(point) + 1)[1]))


def main(every: str, number: str, seed: str) -> None:
    # The points have to be the same each time: no beats by the clock, and no pause that ends by itself.
    heartbeat.sign = lambda: None
    random.random = lambda: 1.0
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "RETRY_BASE_SECONDS": 600.0}
    make_tables()
    register_actions()
    make_workflows()
    # A queue elsewhere, which is told after the commit and can miss it: with a table there is less to lose.
    with temporarily(Queue()):
        result = verdict(every == "1", number=int(number), seed=int(seed))
    sys.stdout.write(json.dumps(result) + "\n")


def verdict(every: bool, *, number: int, seed: int) -> dict[str, Any]:
    return {
        "scenarios": every_point(every),
        "lost_rings": lost_rings(),
        "pairs": pairs(number, seed),
        "bitten": {name: bitten(name) for name in SAFEGUARDS},
    }


if __name__ == "__main__":
    main(*sys.argv[1:])
