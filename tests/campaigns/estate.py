"""An installation whose processes die all the time, and a supervisor that starts them again."""

import io
import logging
import os
import random
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from unittest import mock

import psutil

from stripeflow_site.local.installation import Installation
from stripeflow_site.local.processes import Process

logger = logging.getLogger(__name__)

LOOK_SECONDS = 0.2


class Estate(Installation):
    """One installation on which everything runs, as `build` leaves it."""

    def build(self) -> None:
        """Stand-in, tables, users and the webhook; no web server and no worker yet.

        From here on this process has Django set up, with the installation's settings.
        """
        account = self.start_standin().health()["account"]
        with _environment_of(self):
            import django

            django.setup()
        self.manage("stripeflow_tables", "--verbosity=0")
        self.seed(f"--account={account}")
        self.standin.set_webhook(enabled_events=[], api_events=False)

    def manage(self, *arguments: str, **_options: object) -> str:
        """A management command in this process, which saves the start of another one."""
        from django.core.management import call_command

        printed = io.StringIO()
        with _environment_of(self):
            call_command(*arguments, stdout=printed)
        return printed.getvalue()

    def family(self) -> list[psutil.Process]:
        """Every process that has this installation's folder in its environment, whoever is its parent."""
        mark = f"STRIPEFLOW_VAR_DIR={self.plan.folder}".encode()
        found = []
        for environment in Path("/proc").glob("[0-9]*/environ"):
            with suppress(OSError, psutil.NoSuchProcess):
                if mark in environment.read_bytes().split(b"\0"):
                    found.append(psutil.Process(int(environment.parent.name)))
        return found

    def close(self) -> None:
        """End every process at once, those too that lost their parents: nobody waits for what they do."""
        self.kill_worker()
        super().close()
        for process in self.family():
            with suppress(psutil.NoSuchProcess):
                process.kill()


class Supervisor(threading.Thread):
    """Starts web server and worker command again when they end, as an init system does.

    What an ended process leaves behind is killed before that, or lives on beside its successor: both
    happen, depending on the init system.
    """

    def __init__(self, estate: Estate, rng: random.Random) -> None:
        super().__init__(name="supervisor", daemon=True)
        self.estate = estate
        self.restarts: Counter[str] = Counter()
        self._rng = rng
        self._over = threading.Event()

    def run(self) -> None:
        while not self._over.wait(LOOK_SECONDS):
            if self.estate.web.has_ended():
                self._start_again("web server", self.estate.web, self.estate.spawn_web)
            if self.estate.worker.has_ended():
                self._start_again("worker command", self.estate.worker, self.estate.start_worker)

    def stop(self) -> None:
        """Let what ends from now on stay ended."""
        self._over.set()
        self.join()

    def _start_again(self, name: str, ended: Process, start) -> None:
        if self._rng.random() < 0.5:
            self._kill_what_is_left(name)
        self.restarts[name] += 1
        start()

    def _kill_what_is_left(self, name: str) -> None:
        web = {"gunicorn"}
        for process in self.estate.family():
            with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                is_web = bool(web & set(process.cmdline()))
                if is_web == (name == "web server") and process.pid != os.getpid():
                    process.send_signal(signal.SIGKILL)


@contextmanager
def _environment_of(estate: Estate) -> Iterator[None]:
    """The installation's environment for this process; what it starts later must not carry its mark."""
    with mock.patch.dict(os.environ, estate.environment()):
        yield
