"""The processes under measure: gunicorn and the worker, started as in production, ended by their pid."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.db import connection

from stripeflow_site.web_threads import WebThreads, web_threads

ROOT = Path(__file__).resolve().parent.parent
READY_SECONDS = 60.0
STOP_SECONDS = 30.0
_APPLICATION = {
    "bench.settings": ("--config", "python:stripeflow_site.gunicorn_settings"),
    "bench.settings_stock": ("--preload", "stripeflow_site.wsgi"),
}
# As many processes as the worker's cluster has by default, and how many runs each works on at once.
WORKER_PROCESSES, CONCURRENCY = 2, 16


class NotReady(RuntimeError):
    """A process did not come up; its output is in the log."""


@dataclass(frozen=True)
class Memory:
    """What a process takes, in megabytes: its share (PSS), and with all that it has in common (RSS)."""

    proportional: float
    resident: float


@dataclass(frozen=True)
class Process:
    """A started process, which leads a group of its own."""

    popen: subprocess.Popen[bytes]
    log: Path
    port: int = 0

    def memory(self) -> list[Memory]:
        """What the process and each of its descendants take.

        Parents come first; children stand in the order of their parents, and then as they were started.
        """
        found = []
        generation = [self.popen.pid]
        while generation:
            found += [memory for pid in generation if (memory := _memory(pid)) is not None]
            generation = [child for pid in generation for child in _in_order(_children(pid))]
        return found


@contextmanager
def web(
    folder: Path, settings: str = "bench.settings", *, threads: int = 0, **environment: str
) -> Iterator[Process]:
    """A gunicorn on a free loopback port: as the site has it, or with `threads` threads in each process."""
    port = _free_port()
    command = [sys.executable, "-m", "gunicorn", *_APPLICATION[settings], *_options(port, threads)]
    variables = {"DJANGO_SETTINGS_MODULE": settings, **environment}
    with _started(command, folder / "web.log", variables, port) as process:
        _wait(lambda: _answers(port), process)
        yield process


@contextmanager
def together(folder: Path) -> Iterator[Process]:
    """`manage.py stripeflow_serve`: the same web server and the same worker, from one process."""
    port = _free_port()
    arguments = ["stripeflow_serve", "--", *_APPLICATION["bench.settings"], *_options(port)]
    command = [sys.executable, str(ROOT / "manage.py"), *arguments]
    with _started(command, folder / "stripeflow_serve.log", {}, port) as process:
        _wait(lambda: _answers(port), process)
        yield process


@contextmanager
def worker(folder: Path, *, concurrency: int = CONCURRENCY, **environment: str) -> Iterator[Process]:
    """`manage.py stripeflow_worker`, as it runs in production, with so many runs at once in each process."""
    environment["STRIPEFLOW_CONCURRENCY"] = str(concurrency)
    with manage(folder, "stripeflow_worker", **environment) as process:
        yield process


def web_processes() -> int:
    """In how many processes the site is served here."""
    return _site().processes


def _site() -> WebThreads:
    return web_threads(connection.settings_dict["ENGINE"])


def _options(port: int, threads: int = 0) -> list[str]:
    bind = ["--bind", f"127.0.0.1:{port}", "--log-level", "warning"]
    return [*bind, "--workers", str(_site().processes), "--threads", str(threads or _site().threads)]


@contextmanager
def slow_server(folder: Path, ledger: str) -> Iterator[int]:
    """The far end of slow calls (`bench.slow_server`); gives its port on loopback."""
    command = [sys.executable, "-m", "bench.slow_server", ledger]
    with (folder / "slow_server.log").open("ab") as log:
        popen = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=log)
    try:
        yield int((popen.stdout or sys.stdin).readline())
    finally:
        popen.terminate()
        popen.wait()


@contextmanager
def manage(folder: Path, *arguments: str, **environment: str) -> Iterator[Process]:
    """`manage.py` with these arguments."""
    command = [sys.executable, str(ROOT / "manage.py"), *arguments]
    with _started(command, folder / f"{arguments[0]}.log", environment) as process:
        yield process


@contextmanager
def _started(
    command: list[str], log: Path, environment: Mapping[str, str], port: int = 0
) -> Iterator[Process]:
    with log.open("ab") as output:
        popen = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **environment},
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        yield Process(popen, log, port)
    finally:
        _stop(popen)


def _stop(popen: subprocess.Popen[bytes]) -> None:
    """End the process and whatever is left of its family; these groups are ours alone."""
    family = _family(popen.pid)
    popen.terminate()
    try:
        popen.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        popen.kill()
        popen.wait()
    for pid in family:
        if _is_ours(pid, family):
            os.kill(pid, signal.SIGKILL)


def _is_ours(pid: int, family: dict[int, int]) -> bool:
    """Whether the process still lives, told by its start time, since numbers are used again."""
    return _started_at(pid) == family[pid]


def _started_at(pid: int) -> int | None:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
    except (FileNotFoundError, ProcessLookupError):
        return None


def _family(pid: int) -> dict[int, int]:
    """The process and its descendants, each with its start time."""
    found: dict[int, int] = {}
    waiting = [pid]
    while waiting:
        current = waiting.pop()
        started = _started_at(current)
        if started is None:
            continue
        found[current] = started
        waiting += _children(current)
    return found


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += [int(child) for child in children.read_text().split()]
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


def _in_order(pids: list[int]) -> list[int]:
    """As they were started."""
    return sorted(pids, key=lambda pid: (_started_at(pid) or 0, pid))


def _memory(pid: int) -> Memory | None:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    except (FileNotFoundError, ProcessLookupError):
        return None
    megabytes = {line.split()[0]: int(line.split()[1]) / 1024 for line in lines}
    return Memory(megabytes["Pss:"], megabytes["Rss:"])


def _wait(condition: Callable[[], bool], process: Process) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not condition():
        if process.popen.poll() is not None or time.monotonic() > deadline:
            raise NotReady(process.log.read_text()[-2000:])
        time.sleep(0.05)


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
