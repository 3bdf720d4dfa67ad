"""Which queue the settings name, and what is said of those that name none."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from stripeflow.triggers import checks, queue
from stripeflow.triggers.queue.base import Backend
from stripeflow.triggers.queue.django_q import DjangoQBackend
from stripeflow.triggers.queue.memory import MemoryBackend


class OwnBackend(Backend):
    """A project's own queue."""

    def enqueue(self, task, *args):
        return f"{task}{args}"

    def connect(self):
        """Nothing."""


def named(path):
    return {"QUEUE_BACKEND": path}


def test_django_q_unless_the_project_says_otherwise():
    assert type(queue.backend()) is DjangoQBackend


def test_it_is_chosen_once(settings):
    assert queue.backend() is queue.backend()


def test_a_project_may_bring_its_own(settings):
    settings.STRIPEFLOW = named(f"{__name__}.OwnBackend")
    assert queue.enqueue("a.b", 1) == "a.b(1,)"
    assert (queue.writes_in_transaction(), queue.backend().worker_command()) == (False, None)
    assert checks.check_settings(None) == []


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("no.such.module", "cannot be imported"),
        ("django_q", "cannot be imported"),
        ("triggers.queue.memory.NoSuchBackend", "cannot be imported"),
        ("stripeflow.triggers.queue.memory", "that extends stripeflow.triggers.queue.base.Backend, and not"),
        (
            "stripeflow.triggers.queue.base.Backend",
            "that extends stripeflow.triggers.queue.base.Backend, and not",
        ),
        ("stripeflow.triggers.conf.get", "that extends stripeflow.triggers.queue.base.Backend, and not"),
        ("", "cannot be imported"),
        (None, "cannot be imported"),
        (7, "cannot be imported"),
    ],
)
def test_what_is_no_queue_is_an_error_that_says_why(settings, path, says):
    settings.STRIPEFLOW = named(path)
    [error] = checks.check_settings(None)
    assert error.id == "stripeflow.E002"
    assert 'STRIPEFLOW["QUEUE_BACKEND"]' in error.msg
    assert says in error.msg
    with pytest.raises(ImproperlyConfigured):
        queue.enqueue("a.b", 1)


def test_without_a_queue_the_other_checks_and_the_start_go_on(settings):
    settings.STRIPEFLOW = named("no.such.module")
    queue.connect()
    assert checks.check_queue_security(None) == checks.check_queue_deployment(None) == []
    assert checks.check_sqlite_transactions(None) == []


def test_one_that_is_used_for_a_while_outlives_a_change_of_the_settings(settings):
    with queue.temporarily(MemoryBackend()) as mine:
        settings.STRIPEFLOW = named(f"{__name__}.OwnBackend")
        assert queue.backend() is mine
    assert type(queue.backend()) is OwnBackend


def test_a_queue_in_memory_is_a_warning(settings):
    settings.STRIPEFLOW = named("stripeflow.triggers.queue.memory.MemoryBackend")
    [warning] = queue.backend().checks(longest_task=1.0)
    assert warning.id == "stripeflow.W016"
