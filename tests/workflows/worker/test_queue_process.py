"""What becomes of 16 calls under way when a real worker process of django-q2 has to end."""

import signal
import subprocess
import sys

import pytest

# The worker takes one task, which gives 16 threads work; they go on until they are let go.
BODY = """
import multiprocessing, os, sys, threading, time
import django
django.setup()
from django_q.worker import worker
from stripeflow.workflows.liveness import termination
from stripeflow.workflows.worker import pool

fork = multiprocessing.get_context("fork")
begun, go_on = fork.Semaphore(0), fork.Semaphore(0)
ended, asked = fork.Value("i", 0), fork.Value("i", 0)

def call():
    begun.release()
    go_on.acquire()
    deadline = time.monotonic() + 20
    while not termination.is_asked() and time.monotonic() < deadline:
        threading.Event().wait(0.01)
    with ended.get_lock():
        ended.value += 1
        asked.value += termination.is_asked()

def task():
    with termination.deferred():
        for number in range(16):
            pool.of_process().give(number, call)

class Tasks:
    # What `worker` iterates over: one task, and then it waits for the next, as an idle one does.
    def __init__(self):
        self.given, self.next = [], fork.Queue()

    def get(self):
        if not self.given:
            self.given.append(1)
            return {"func": task, "name": "one", "id": "1", "args": (), "kwargs": {}}
        return self.next.get()

tasks = Tasks()
process = fork.Process(target=worker, args=(tasks, fork.Queue(), fork.Value("f", -1), 60))
process.start()
for _number in range(16):
    assert begun.acquire(timeout=30)
if sys.argv[1] == "SIGTERM":
    os.kill(process.pid, 15)
else:
    tasks.next.put("STOP")
process.join(0.3)
print("alive" if process.is_alive() else "dead", ended.value)
for _number in range(16):
    go_on.release()
process.join(30)
print(process.exitcode, ended.value, asked.value)
"""


@pytest.mark.parametrize(("how", "code"), [("SIGTERM", -signal.SIGTERM), ("STOP", 0)])
def test_it_ends_once_all_are_over(how, code):
    done = subprocess.run(
        [sys.executable, "-c", BODY, how], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.stdout.splitlines() == ["alive 0", f"{code} 16 16"], done.stderr
