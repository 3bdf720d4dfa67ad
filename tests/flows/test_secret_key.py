"""Another SECRET_KEY makes django-q2 throw its queue away; what was queued runs all the same, once."""

import secrets
from dataclasses import replace

import pytest

EVENTS = 4
WITHIN_SECONDS = 60
# What django-q2 logs for each message that it throws away.
THROWN_AWAY = "Failed to push task to queue"


@pytest.fixture
def change_key(house):
    """Start web server and worker again with another key; afterwards with the one from before."""
    plan = house.plan
    yield lambda: restart(house, replace(plan, variables={"SECRET_KEY": secrets.token_urlsafe(50)}))
    restart(house, plan)


def restart(house, plan):
    house.plan = plan
    house.stop_worker()
    house.web.stop()
    house.start_web()
    house.start_worker()


def test_what_was_queued_runs_once_although_the_key_has_changed(house, change_key):
    workflow = house.activate_template("tag_customers")
    log = house.worker.log
    house.stop_worker()
    events = [house.pay(200_001)["event"]["id"] for _ in range(EVENTS)]
    for event in events:
        house.wait_for_run(event, workflow, status=("queued",))
    before = thrown_away(log)
    change_key()
    house.wait(lambda: not house.unfinished(), what="The end of what was queued", seconds=WITHIN_SECONDS)
    runs = [house.wait_for_run(event, workflow) for event in events]
    assert [run["status"] for run in runs] == ["succeeded"] * EVENTS
    assert [len(house.mails_of(run)) for run in runs] == [1] * EVENTS
    assert [len(house.effects_of(run)) for run in runs] == [1] * EVENTS
    # Else this would prove nothing.
    assert thrown_away(log) >= before + EVENTS


def thrown_away(log):
    return log.read_text(errors="replace").count(THROWN_AWAY)
