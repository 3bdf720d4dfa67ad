"""Runs a cluster of django-q2 in a process that is forked from one in which Django is set up."""

import importlib.util
import multiprocessing
import signal
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess

# Imported before the fork, so that its processes share it. What it takes from `Conf` by then, it asks again.
from django_q.cluster import Sentinel, get_mp_context
from django_q.conf import Conf
from django_q.worker import worker

from stripeflow.triggers.queue.stopping import Stop

_ASKED_TO_END = (signal.SIGTERM, signal.SIGINT)


def run() -> None:
    """Run the cluster that the environment variable Q_CLUSTER_NAME names, until it is asked to end.

    django-q2 by itself has one more process, which does nothing but pass on that it is asked.
    """
    _read_settings_again()
    stop = Stop()
    sentinel = OwnSentinel(stop, threading.Event(), uuid.uuid4(), start=False)
    for number in _ASKED_TO_END:
        signal.signal(number, stop.set_by_signal)
    try:
        sentinel.start()
    finally:
        _end_children()


class OwnSentinel(Sentinel):
    """django-q2's sentinel in the process that is asked to end."""

    def start(self) -> None:
        """Start the processes below, look after them until `stop_event` is set, and end them in order."""
        # Otherwise the status that `qmonitor` shows names the worker command.
        self.parent_pid = None
        super().start()

    def spawn_process(self, target: Callable[..., None], *args: object) -> BaseProcess:
        """As django-q2's own, with the signals that a process below a sentinel has."""
        name = f"Process-{uuid.uuid4().hex}"
        process = get_mp_context().Process(target=_begin, args=(target, *args), name=name)
        process.daemon = True
        if target is worker:
            process.daemon = Conf.DAEMONIZE_WORKERS
            process.timer = args[2]
            self.pool.append(process)
        with _later(_ASKED_TO_END):
            process.start()
        return process

    def reincarnate(self, process: BaseProcess) -> None:
        """Start another process in place of a dead one, unless all are to end: it was asked as well, then."""
        if not self.stop_event.is_set():
            super().reincarnate(process)


@contextmanager
def _later(numbers: tuple[signal.Signals, ...]) -> Iterator[None]:
    """Have the signals wait; a process that is forked inside the block has to let them in again."""
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)


def _begin(target: Callable[..., None], *args: object) -> None:
    """Do the work of a process below the sentinel: SIGTERM ends it, and it does not see Ctrl-C."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _ASKED_TO_END)
    target(*args)


def _end_children() -> None:
    """As Python does at the end of a process, which a forked one does not reach."""
    children = multiprocessing.active_children()
    for child in children:
        if child.daemon:
            child.terminate()
    for child in children:
        child.join()


def _read_settings_again() -> None:
    """Django-q2 reads its settings, and the name of its cluster, once: when it is imported."""
    spec = importlib.util.find_spec("django_q.conf")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name, value in vars(module.Conf).items():
        if not name.startswith("__"):
            setattr(Conf, name, value)
