"""(4) The memory of web and worker by process: idle, once the admin and the API were used, and after work.

Once as two commands, and once as the one command that forks both.
"""

import time

from django.conf import settings
from django.urls import reverse

from bench import data, load, outcomes, processes, waiting
from bench.figures import Figure, of
from bench.processes import Memory, Process
from bench.session import Session

NAME = "memory"
# PSS of web and worker, on SQLite. PostgreSQL's and the broker's own processes are not ours.
MOST_MEGABYTES = 280.0
MOST_A_RUN = 1.0
SETTLE_SECONDS = 3.0
CONNECTIONS = 8
# Each page so often that every process of the web server has made each of them.
TIMES = 16
# Long enough for all runs to be in flight together.
LATENCY = 6000
# As they are started: the workers, then the others.
_WORKER = (
    "worker command",
    "cluster main",
    *(f"cluster worker {number + 1}" for number in range(processes.WORKER_PROCESSES)),
    "cluster monitor",
    "cluster pusher",
)
# Each process with the names of its own and of its descendants.
Trees = tuple[tuple[Process, tuple[str, ...]], ...]
# Events before the first look.
FEW = 16
PATH = f"/stripe/webhook/{data.ENDPOINT}/"


def measure(session: Session) -> list[Figure]:
    data.activate(matching=1)
    count = session.size(quick=16, full=400)
    most = MOST_MEGABYTES if session.stack == "sqlite" else None
    with processes.web(session.folder) as web, processes.worker(session.folder) as worker:
        apart = _phases(session, ((web, _web()), (worker, _WORKER)), count=count, finished=0)
    with processes.together(session.folder) as both:
        together = _phases(session, ((both, _together()),), count=count, finished=FEW + count)
    return [
        *_figures(apart),
        *_figures(together, "one command: ", most=most),
        _of_a_run(session),
    ]


def _web() -> tuple[str, ...]:
    return ("web master", *(f"web worker {number + 1}" for number in range(processes.web_processes())))


def _together() -> tuple[str, ...]:
    """Of `manage.py stripeflow_serve`, generation by generation."""
    web = _web()
    return ("serve command", web[0], _WORKER[0], *web[1:], *_WORKER[1:])


def _phases(session: Session, trees: Trees, *, count: int, finished: int) -> list[dict[str, Memory]]:
    """What each process takes when idle, once the admin and the API were used, and after `count` runs."""
    web = trees[0][0]
    _send(web, FEW, finished=finished + FEW)
    at_first = _settled(session, trees)
    _use(session, web)
    used = _settled(session, trees)
    _send(web, count, finished=finished + FEW + count)
    return [at_first, used, _settled(session, trees)]


def _send(web: Process, count: int, *, finished: int) -> None:
    load.burst(web.port, data.requests(PATH, count), connections=CONNECTIONS)
    waiting.until(outcomes.finished, finished, what="finished runs")


def _settled(session: Session, trees: Trees) -> dict[str, Memory]:
    """What each process takes once nothing has happened for a moment."""
    time.sleep(SETTLE_SECONDS)
    found: dict[str, Memory] = {}
    for process, names in trees:
        memory = process.memory()
        session.check(f"{NAME}: processes below {names[0]}", len(memory), len(names))
        found |= dict(zip(names, memory, strict=True))
    return found


def _use(session: Session, web: Process) -> None:
    """Read pages of the admin and of the API as somebody who is signed in, in all processes of the server."""
    cookie = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={_session_key()}"}
    times = session.size(quick=CONNECTIONS // 2, full=TIMES)
    requests = [load.request(path, b"", cookie, method="GET") for path in _paths() for _time in range(times)]
    load.burst(web.port, requests, connections=CONNECTIONS)


def _session_key() -> str:
    from django.contrib.auth.models import User
    from django.test import Client

    User.objects.filter(username="bench").delete()
    client = Client()
    client.force_login(User.objects.create_superuser("bench"))
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def _paths() -> list[str]:
    from stripeflow.workflows.models import Run, Step, Workflow

    run, step, workflow = Run.objects.latest("created_at"), Step.objects.latest("pk"), Workflow.objects.get()
    pages: dict[str, list[object]] = {
        "index": [],
        "stripeflow_workflows_workflow_changelist": [],
        "stripeflow_workflows_workflow_change": [workflow.pk],
        "stripeflow_workflows_workflow_activate": [workflow.pk],
        "stripeflow_workflows_step_change": [step.pk],
        "stripeflow_workflows_trigger_change": [workflow.trigger.pk],
        "stripeflow_workflows_run_changelist": [],
        "stripeflow_workflows_run_change": [run.pk],
        "stripeflow_triggers_event_changelist": [],
        "stripeflow_triggers_event_change": [run.event_id],
    }
    api = ("workflows/", "runs/", f"runs/{run.pk}/", "events/", "catalogue/actions/", "schema/", "docs/")
    return [
        *(reverse(f"admin:{name}", args=arguments) for name, arguments in pages.items()),
        *(f"/api/v1/{path}" for path in api),
    ]


def _figures(phases: list[dict[str, Memory]], how: str = "", *, most: float | None = None) -> list[Figure]:
    at_first, used, worked = phases
    return [
        *_of_each(used, how),
        *_sums(at_first, f"{how}web and worker, idle"),
        *_sums(used, f"{how}web and worker, idle, admin and API used", most=most),
        *_sums(worked, f"{how}web and worker, after work"),
    ]


def _of_each(found: dict[str, Memory], how: str) -> list[Figure]:
    return [
        Figure(
            NAME,
            f"{how}{name}, after use: PSS",
            memory.proportional,
            "MB",
            note=f"RSS {memory.resident:.0f} MB",
        )
        for name, memory in found.items()
    ]


def _sums(found: dict[str, Memory], when: str, *, most: float | None = None) -> list[Figure]:
    return [
        of(NAME, f"{when}: PSS", [_proportional(found)], "MB", most=most),
        of(
            NAME,
            f"{when}: RSS",
            [sum(memory.resident for memory in found.values())],
            "MB",
        ),
    ]


def _proportional(found: dict[str, Memory]) -> float:
    return sum(memory.proportional for memory in found.values())


def _of_a_run(session: Session) -> Figure:
    """What one more run in flight takes: all places taken by slow calls, beside one in each process."""
    few, many = 1, processes.CONCURRENCY
    with processes.slow_server(session.folder, settings.BENCH_LEDGER) as port:
        one, all_ = (_in_flight(session, port, number) for number in (few, many))
    further = (many - few) * processes.WORKER_PROCESSES
    name = f"worker, one more run in flight ({few} and {many} in each process): PSS"
    return of(NAME, name, [(all_ - one) / further], "MB", most=MOST_A_RUN)


def _in_flight(session: Session, port: int, concurrency: int) -> float:
    """What the worker takes while all its places are taken."""
    from stripeflow.triggers import inbox

    count = concurrency * processes.WORKER_PROCESSES
    inputs = {"url": f"http://127.0.0.1:{port}/{LATENCY}/", "body": "Charge {{ trigger.charge }}."}
    data.activate(matching=1, steps=[data.action("call", "bench.call", inputs)])
    for _number in range(count):
        inbox.accept_stripe(data.event(), mirror=False)
    with processes.worker(session.folder, concurrency=concurrency) as worker:
        waiting.until(outcomes.effects, count, what="calls under way")
        session.check(f"{NAME}: runs in flight", count - outcomes.finished(), count)
        found = sum(memory.proportional for memory in worker.memory())
        waiting.until(outcomes.finished, count, what="finished runs")
    outcomes.check(session, NAME, count)
    return found
