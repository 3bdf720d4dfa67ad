"""gunicorn's settings: `gunicorn --config python:stripeflow_site.gunicorn_settings`.

The application is loaded once, and the processes that serve are forked from that, so that they share what
they only read. Options of the command line win.
"""

import os
from typing import Any

from django.conf import settings

from stripeflow.workflows.worker import sharing
from stripeflow.workflows.worker.returning import Returner
from stripeflow_site.web_threads import web_threads

sharing.begin()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stripeflow_site.settings")
_web = web_threads(settings.DATABASES["default"]["ENGINE"])

wsgi_app = "stripeflow_site.wsgi"
preload_app = True
workers = _web.processes
threads = _web.threads

_returner = Returner()


def when_ready(server: Any) -> None:
    """Load what the first requests need, and leave nothing open that processes must not share."""
    from stripeflow.workflows.worker.loading import load_pages

    load_pages()
    sharing.before_fork()


def post_fork(server: Any, worker: Any) -> None:
    """Collect garbage again, and return free memory, in each process by itself."""
    sharing.after_fork()
    _returner.start()


def post_request(worker: Any, request: Any, environ: Any, response: Any) -> None:
    """What a page took for a moment may be returned soon."""
    _returner.note_use()
