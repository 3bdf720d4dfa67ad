"""gunicorn's settings: `gunicorn --config python:stripeflow_site.gunicorn_settings`.

The application is loaded once, and the processes that serve are forked from that, so that they share what
they only read. Options of the command line win.
"""

from typing import Any

from stripeflow.workflows.worker import sharing
from stripeflow_site.web_threads import PROCESSES, THREADS

wsgi_app = "stripeflow_site.wsgi"
preload_app = True
workers = PROCESSES
threads = THREADS

sharing.begin()


def when_ready(server: Any) -> None:
    """Load what the first requests need, and leave nothing open that processes must not share."""
    from stripeflow.workflows.worker.loading import load_pages

    load_pages()
    sharing.before_fork()


def post_fork(server: Any, worker: Any) -> None:
    """Collect garbage again, in each process by itself."""
    sharing.after_fork()
