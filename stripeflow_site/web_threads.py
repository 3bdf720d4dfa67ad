"""How many threads serve the site: gunicorn starts them, and each may hold a database connection."""

import os

PROCESSES = int(os.environ.get("WEB_CONCURRENCY", "2"))
# Webhooks that arrive while others are stored share the next commit: more threads, larger batches.
THREADS = 16


def connections() -> int:
    """How many database connections the web server of one host may hold."""
    return PROCESSES * THREADS
