"""Run by test_races.py in a process of its own: the races, on the empty database of DATABASE_URL.

`python -m tests.races.campaign <rounds> <seed>` prints one line of JSON. At the end the safeguards are
switched off in turn, and the checks have to find that.
"""

import json
import random
import sys
from typing import Any

import django
from django.db import DEFAULT_DB_ALIAS

django.setup()

from stripeflow.triggers.queue import temporarily  # noqa: E402
from stripeflow.triggers.queue.memory import MemoryBackend  # noqa: E402
from tests.crashes.outside import register_actions  # noqa: E402
from tests.crashes.tables import make_tables  # noqa: E402
from tests.races import (  # noqa: E402
    activating,
    approving,
    canceling,
    events,
    keys,
    mails,
    runs,
    shared,
    starting,
    ticks,
)


def main(rounds: str, seed: str) -> None:
    make_tables()
    register_actions()
    # As with the queue in the database: each message is there before the commit of what it is about.
    with temporarily(MemoryBackend(database=DEFAULT_DB_ALIAS)):
        result = race(int(rounds), int(seed))
    sys.stdout.write(json.dumps(result) + "\n")


def race(rounds: int, seed: int) -> dict[str, Any]:
    return {
        "one_run": runs.many_workers_on_one_run(rounds),
        "one_event": events.many_senders_of_one_event(rounds),
        "matched_late": events.many_sweeps_of_one_event(rounds),
        "publishing": activating.publish_while_events_come(rounds),
        "switching": activating.switch_while_events_come(rounds, chance=random.Random(seed)),
        "editors": shared.editors_of_one_revision(rounds),
        "copiers": shared.copies_of_what_is_edited(rounds),
        "notifiers": shared.notifiers_of_the_same_runs(rounds),
        "refunds": shared.refunds_below_one_cap(rounds),
        "caps": shared.money_below_each_cap(rounds),
        "lowering": shared.a_cap_lowered_in_the_moment_of_a_refund(rounds),
        "keys": keys.runs_of_one_key(rounds),
        "mails": mails.workers_on_one_address(rounds),
        "mails_of_a_day": mails.workers_below_the_limit_of_a_day(rounds),
        "starts": starting.callers_with_one_key(rounds),
        "other_version": starting.callers_while_another_version_is_activated(rounds),
        "one_table": starting.callers_with_one_table(rounds),
        "deciding": approving.people_against_each_other(rounds),
        "deciding_while_canceled": approving.people_while_the_run_is_canceled(rounds),
        "canceling": canceling.a_run_and_the_one_that_it_waits_for(rounds),
        "ticks": ticks.workers_on_one_schedule(rounds),
        "bitten": {
            "lease": runs.many_workers_without_a_lease(),
            "unique": events.many_senders_without_the_constraint(),
            "revision": shared.editors_without_a_guard(),
            "key": keys.runs_without_a_guard(),
            "mail": mails.workers_without_a_guard(),
        },
    }


if __name__ == "__main__":
    main(*sys.argv[1:])
