"""Finds the processes of an installation by what they do, so that each kind can be killed."""

import os
import platform
import re
from contextlib import suppress
from pathlib import Path

import psutil

from tests.campaigns.estate import Estate

WEB_MASTER, WEB_WORKER = "web master", "web worker"
COMMAND, CLUSTER = "worker command", "cluster"
IDLE, BUSY, PUSHER, MONITOR = "pool worker, idle", "pool worker, busy", "pusher", "monitor"
KINDS = (WEB_MASTER, WEB_WORKER, COMMAND, CLUSTER, IDLE, BUSY, PUSHER, MONITOR)

# What django-q2 logs when each of them begins.
_ROLES = {
    "pool": re.compile(rb"ready for work at (\d+)"),
    MONITOR: re.compile(rb"monitoring at (\d+)"),
    PUSHER: re.compile(rb"pushing tasks at (\d+)"),
}
# The system calls futex and read: who waits for the queue's lock, or holds it and reads from the queue.
_WAITING = {"x86_64": ("202", "0"), "aarch64": ("98", "63")}


def find(estate: Estate, kind: str) -> list[psutil.Process]:
    """The processes of that kind that live now; gone ones are left out."""
    with suppress(psutil.NoSuchProcess):
        return _FINDERS[kind](estate)
    return []


def _web(estate: Estate) -> list[psutil.Process]:
    return _alive([psutil.Process(estate.web.pid)])


def _web_workers(estate: Estate) -> list[psutil.Process]:
    return _alive(psutil.Process(estate.web.pid).children())


def _command(estate: Estate) -> list[psutil.Process]:
    return _alive([psutil.Process(estate.worker.pid)])


def _cluster(estate: Estate) -> list[psutil.Process]:
    children = (child for command in _command(estate) for child in command.children())
    return _alive(list(children))


def _below_cluster(estate: Estate, role: str) -> list[psutil.Process]:
    log = estate.worker.log.read_bytes()
    pids = {int(pid) for pid in _ROLES[role].findall(log)}
    below = [child for cluster in _cluster(estate) for child in cluster.children()]
    return _alive([child for child in below if child.pid in pids])


def _pool(estate: Estate, *, idle: bool) -> list[psutil.Process]:
    return [worker for worker in _below_cluster(estate, "pool") if _is_idle(worker.pid) == idle]


def _is_idle(pid: int) -> bool:
    """Whether it waits for the queue; a machine that does not tell makes everybody busy."""
    futex, read = _WAITING.get(platform.machine(), ("", ""))
    with suppress(OSError):
        call = Path(f"/proc/{pid}/syscall").read_text().split()
        if call[0] == futex:
            return True
        return call[0] == read and os.readlink(f"/proc/{pid}/fd/{int(call[1], 16)}").startswith("pipe:")
    return False


def _alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    return [process for process in processes if process.status() != psutil.STATUS_ZOMBIE]


_FINDERS = {
    WEB_MASTER: _web,
    WEB_WORKER: _web_workers,
    COMMAND: _command,
    CLUSTER: _cluster,
    IDLE: lambda estate: _pool(estate, idle=True),
    BUSY: lambda estate: _pool(estate, idle=False),
    PUSHER: lambda estate: _below_cluster(estate, PUSHER),
    MONITOR: lambda estate: _below_cluster(estate, MONITOR),
}
