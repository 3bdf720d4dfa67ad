"""How many threads serve the site: gunicorn starts them, and each may hold a database connection."""

import os

PROCESSES = int(os.environ.get("WEB_CONCURRENCY", "2"))
THREADS = 8


def connections() -> int:
    """How many database connections the web server of one host may hold."""
    return PROCESSES * THREADS
