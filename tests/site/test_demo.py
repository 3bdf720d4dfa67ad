"""`make demo` as people run it. The first test has the tables that all the migrations make."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from stripeflow_site.local.installation import ROOT
from stripeflow_site.local.processes import descendants, wait_until

QUICK = "--settings=tests.settings_nomigrations"


@pytest.fixture
def start(tmp_path, monkeypatch):
    """Starts the demo with its temporary folder below ours."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    started = []

    def start(*options):
        command = [sys.executable, "-m", "stripeflow_site.demo", *options]
        with (tmp_path / "printed").open("w") as output:
            process = subprocess.Popen(
                command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
            )
        started.append(process)
        return process

    yield start
    for process in started:
        for pid in descendants(process.pid):
            os.kill(pid, signal.SIGKILL)
        process.kill()
        process.wait()


def printed(folder):
    return (folder / "printed").read_text()


def test_demo_runs_and_is_judged_right(start, tmp_path):
    process = start()
    assert process.wait(timeout=280) == 0, printed(tmp_path)
    text = printed(tmp_path)
    assert "Verdict: right." in text
    assert "refund of 14.99 USD" in text
    assert "refund of 9.00 USD" in text
    assert "failed" not in text
    assert list(tmp_path.glob("stripeflow-demo-*")) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_demo_leaves_nothing_behind(start, tmp_path, number):
    process = start(QUICK)
    wait_until(lambda: "Sending signed events" in printed(tmp_path), what="The first event", seconds=90)
    family = descendants(process.pid)
    process.send_signal(number)
    assert process.wait(timeout=90) == 128 + number
    # The stand-in, gunicorn's master and its one process, and the worker that begins.
    assert len(family) >= 4
    assert [pid for pid in family if Path(f"/proc/{pid}").exists()] == []
    assert list(tmp_path.glob("stripeflow-demo-*")) == []


def test_demo_whose_refunds_fail_is_judged_wrong(start, tmp_path):
    process = start("--settings=tests.site.settings_broken_refund")
    assert process.wait(timeout=200) == 1
    assert "There were 0 refunds of the payment of $14.99 USD, and not 1." in printed(tmp_path)
