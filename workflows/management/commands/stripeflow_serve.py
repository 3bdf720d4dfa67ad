"""`manage.py stripeflow_serve`: web server and worker, forked from one process that loads the site once."""

import signal
import sys
import threading
from argparse import ArgumentParser
from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from stripeflow.triggers.queue.stopping import Stop
from stripeflow.workflows.worker import sharing
from stripeflow.workflows.worker.loading import load_pages, load_tasks
from stripeflow.workflows.worker.together import Part, Together

LOOK_SECONDS = 1.0


class Command(BaseCommand):
    help = (
        "Runs the web server (gunicorn) and the worker of one host. They share the memory of what both have "
        "loaded, and each is started again when it ends. Ends on SIGTERM or SIGINT, after the requests and "
        "steps under way."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "gunicorn",
            nargs="*",
            help="After “--”: gunicorn's options and application, as on its command line.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        sharing.begin()
        web_server = _web_server(["gunicorn", *options["gunicorn"]])
        stop = Stop()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop.set_by_signal)
        load_pages()
        load_tasks()
        together = Together([Part("web", web_server), Part("worker", _work)])
        try:
            while not stop.wait(LOOK_SECONDS):
                together.keep_alive()
        finally:
            together.stop()


def _web_server(command_line: list[str]) -> Callable[[], None]:
    """What serves. gunicorn reads its options here, and ends the command if one of them is wrong."""
    try:
        gunicorn = import_module("gunicorn.app.wsgiapp")
    except ModuleNotFoundError as error:
        raise CommandError("Install gunicorn: it is the web server that this command runs.") from error
    ours, sys.argv = sys.argv, command_line
    try:
        application = gunicorn.WSGIApplication(prog=command_line[0])
    finally:
        sys.argv = ours
    if application.cfg.daemon:
        raise CommandError("Leave out gunicorn's option “daemon”: it would leave this command.")
    return partial(_serve, application, command_line)


def _serve(application: Any, command_line: list[str]) -> None:
    """Serve until the process is asked to end. Processes that gunicorn forks come back from it, too."""
    sys.argv = command_line  # gunicorn reads it again on SIGHUP
    try:
        application.run()
    finally:
        # As Python does at its end, which a forked process does not reach.
        for thread in threading.enumerate():
            if thread is not threading.current_thread() and not thread.daemon:
                thread.join()


def _work() -> None:
    sys.argv = [sys.argv[0], "stripeflow_worker"]  # as the audit log names what this process does
    call_command("stripeflow_worker")
