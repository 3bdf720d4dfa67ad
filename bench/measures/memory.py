"""(4) The memory (PSS) of web and worker, idle and after work."""

import time

from bench import data, processes, waiting
from bench.figures import Figure, of
from bench.load import burst
from bench.session import Session

NAME = "memory"
MOST_IDLE_MEGABYTES = 350.0
SETTLE_SECONDS = 3.0


def measure(session: Session) -> list[Figure]:
    data.activate(matching=1)
    count = session.size(quick=16, full=400)
    path = f"/stripe/webhook/{data.ENDPOINT}/"
    with processes.web(session.folder) as web, processes.worker(session.folder) as worker:
        burst(web.port, data.requests(path, 16), connections=8)
        waiting.until(_finished, 16, what="finished runs of the warm-up")
        time.sleep(SETTLE_SECONDS)
        idle = [process.proportional_kilobytes() / 1024 for process in (web, worker)]
        burst(web.port, data.requests(path, count), connections=8)
        waiting.until(_finished, 16 + count, what="finished runs")
        loaded = [process.proportional_kilobytes() / 1024 for process in (web, worker)]
    session.check(f"{NAME}: processes that have memory", sum(value > 10 for value in idle), 2)
    return [
        of(NAME, "web, idle", idle[:1], "MB"),
        of(NAME, "worker, idle", idle[1:], "MB"),
        of(NAME, "web and worker, idle", [sum(idle)], "MB", most=MOST_IDLE_MEGABYTES),
        of(NAME, "web and worker, after work", [sum(loaded)], "MB"),
    ]


def _finished() -> int:
    from stripeflow.workflows.models import Run

    return Run.objects.filter(finished_at__isnull=False).count()
