"""What a message may name: the registered tasks, which are the public functions of the modules of tasks."""

import inspect

import pytest
from django.contrib.auth.hashers import make_password
from django.utils.module_loading import import_string

import stripeflow.triggers.tasks
import stripeflow.workflows.tasks
from stripeflow.triggers.queue.tasks import is_allowed, registered


def public_functions(module):
    functions = inspect.getmembers(module, inspect.isfunction)
    return {
        f"{module.__name__}.{name}"
        for name, function in functions
        if function.__module__ == module.__name__ and not name.startswith("_")
    }


def test_each_door_for_the_queue_is_registered_and_nothing_else():
    assert registered() == public_functions(stripeflow.triggers.tasks) | public_functions(
        stripeflow.workflows.tasks
    )


@pytest.mark.parametrize("task", sorted(registered()))
def test_a_registered_task_is_there_and_allowed(task):
    assert callable(import_string(task))
    assert is_allowed(task)


def test_a_project_may_add_functions_of_its_own(settings):
    assert not is_allowed("os.mkdir")
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "QUEUE_TASKS": ["os.mkdir"]}
    assert is_allowed("os.mkdir")


@pytest.mark.parametrize(
    "task",
    [
        "",
        "tasks",
        "stripeflow.workflows.tasks",
        "stripeflow.workflows.tasks.UUID",
        "stripeflow.workflows.tasks.time.sleep",
        "stripeflow.workflows.tasks.dispatching.work",
        "workflows.tasks.no_such_task",
        "stripeflow.workflows.tasks.__name__",
        "stripeflow.triggers.tasks.mirroring.work",
        "stripeflow.workflows.maintenance.restoring.hold",
        None,
        [],
        make_password,
        stripeflow.triggers.tasks.mirror,
    ],
)
def test_nothing_else_is_allowed(task):
    assert not is_allowed(task)
