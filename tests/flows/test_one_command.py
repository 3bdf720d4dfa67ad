"""`manage.py stripeflow_serve`: web server and worker of one host, as children of one process."""

import signal
import socket
import sys

import psutil
import pytest

from stripeflow_site.local.installation import ROOT, WORKER_STOP_SECONDS
from stripeflow_site.local.processes import Process, ProcessEnded, wait_until

AMOUNT = 150_000
# Below the command: gunicorn's master, the worker command, one web process on SQLite, and the cluster.
PROCESSES = 8


@pytest.fixture
def command(on_sqlite):
    """The process of the command in place of the two; these again for the tests that come after."""
    house = on_sqlite
    house.stop_worker()
    house.web.stop()
    descriptor = house.socket.fileno()
    options = [f"--bind=fd://{descriptor}", f"--bind=127.0.0.1:{free_port()}", "--no-control-socket"]
    config = "--config=python:stripeflow_site.gunicorn_settings"
    house.web = house.worker = Process(
        "command",
        [sys.executable, "manage.py", "stripeflow_serve", "--", config, *options],
        environment=house.environment(),
        folder=ROOT,
        log=house.plan.folder / "serve.log",
        pass_fds=(descriptor,),
    )
    process = psutil.Process(house.web.pid)
    try:
        house.wait_for_web()
        house.wait(lambda: len(process.children(recursive=True)) >= PROCESSES, what="The worker")
        yield process
    finally:
        house.web.stop(seconds=WORKER_STOP_SECONDS)
        house.start_web()
        house.start_worker()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def parts(command):
    """gunicorn's master and the worker command, in this order."""
    return sorted(command.children(), key=lambda process: (process.create_time(), process.pid))


def run_of_a_payment(house, workflow):
    event = house.pay(AMOUNT)["event"]["id"]
    return house.wait(
        lambda: next((run for run in house.runs(event, workflow) if run["status"] == "succeeded"), None),
        what="The run",
        seconds=60,
    )


@pytest.mark.parametrize("killed", [0, 1], ids=["web", "worker"])
def test_a_part_that_is_killed_costs_time_only(on_sqlite, command, killed):
    house = on_sqlite
    workflow = house.activate_template("personalize_orders")
    before = parts(command)
    before[killed].kill()
    house.wait(lambda: len(parts(command)) == 2 and before[killed] not in parts(command), what="Another part")
    assert before[1 - killed] in parts(command)
    run = run_of_a_payment(house, workflow)
    assert len(house.mails_of(run)) == 1


def test_sigterm_ends_all_of_it(on_sqlite, command):
    workflow = on_sqlite.activate_template("personalize_orders")
    run = run_of_a_payment(on_sqlite, workflow)
    assert len(on_sqlite.mails_of(run)) == 1
    below = command.children(recursive=True)
    command.send_signal(signal.SIGTERM)
    _gone, alive = psutil.wait_procs(below, timeout=60)
    assert alive == []
    wait_until(on_sqlite.web.has_ended, what="The end of the command")
    with pytest.raises(ProcessEnded, match="status 0"):
        on_sqlite.web.ensure_alive()


def test_all_of_it_ends_with_a_command_that_is_killed(on_sqlite, command):
    below = command.children(recursive=True)
    command.kill()
    _gone, alive = psutil.wait_procs(below, timeout=60)
    assert alive == []
