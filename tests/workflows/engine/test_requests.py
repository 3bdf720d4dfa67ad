"""A step that sends an HTTP request: how it repeats, what later steps know, and who may publish it."""

import pytest
from django.contrib.auth.models import Permission, User
from django.utils import timezone

from stripeflow.workflows.access.setting_off import Operation, needed_permissions, permission_missing
from stripeflow.workflows.credentials import connection_changes
from stripeflow.workflows.credentials.connection_changes import Wanted
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.models import Run
from stripeflow.workflows.states import RunStatus
from tests.actions.outbound.conftest import serve  # noqa: F401  a fixture
from tests.actions.outbound.hostile import answer
from tests.workflows.documents import action, branch, compare, document, group, way

pytestmark = pytest.mark.django_db


def request(key="one", **inputs):
    return action(key, "http.request", **{"connection": "shop", "method": "POST", "path": "/a", **inputs})


@pytest.fixture
def answers(serve):  # noqa: F811
    """Lets the service answer the requests one after the other; returns the server."""

    def answers(*scripts):
        left = list(scripts)

        def script(server, socket):
            socket.sendall(left.pop(0) if len(left) > 1 else left[0])

        server = serve(script)
        connection_changes.create("shop", Wanted("Shop", address=server.origin))
        return server

    return answers


def again(run):
    Run.objects.update(due_at=timezone.now())
    run.steps.update(due_at=timezone.now())
    execute(run.pk)
    run.refresh_from_db()
    return run


def keys(server):
    return [
        line.partition(b": ")[2]
        for sent in server.requests
        for line in sent.split(b"\r\n")
        if line.lower().startswith(b"idempotency-key")
    ]


def test_without_an_answer_a_person_is_asked(answers, finish):
    server = answers(b"")
    run = finish(request())
    assert (run.status, len(server.requests)) == (RunStatus.OUTCOME_UNKNOWN, 1)


def test_one_that_ignores_a_repeated_key_is_sent_again_with_the_same(answers, finish):
    server = answers(b"", answer(b"{}"))
    run = finish(request(no_answer="keyed"))
    assert run.status == RunStatus.WAITING
    assert again(run).status == RunStatus.SUCCEEDED
    assert len(keys(server)) == 2
    assert len(set(keys(server))) == 1


def test_a_refusal_of_a_repeat_says_nothing_of_the_first(answers, finish):
    answers(b"", answer(b"{}", status="409 Conflict"))
    run = finish(request(no_answer="keyed"))
    assert again(run).status == RunStatus.OUTCOME_UNKNOWN


def test_a_first_refusal_fails_the_step(answers, finish):
    answers(answer(b'{"why": "no"}', status="409 Conflict"))
    run = finish(request(no_answer="keyed"))
    assert (run.status, run.steps.get().error["code"]) == (RunStatus.FAILED, "http_409")


def test_reading_is_repeated(answers, finish):
    answers(b"", answer(b"", status="500 Oops"), answer(b"{}"))
    run = finish(request(method="GET"))
    assert again(run).status == RunStatus.WAITING
    assert again(run).status == RunStatus.SUCCEEDED


def test_retry_after_is_obeyed(answers, finish):
    answers(answer(b"", status="429 Slow", headers=["Retry-After: 600"]))
    run = finish(request())
    left = (run.due_at - timezone.now()).total_seconds()
    assert (run.status, 500 < left < 700) == (RunStatus.WAITING, True)


def test_later_steps_and_conditions_know_the_fields_of_the_sample(answers, finish, recorder):
    answers(answer(b'{"order": {"id": "o_7", "total": 9}, "card": "4242"}'))
    large = group(compare("steps.one.body.order.total", "greater_than", 5))
    run = finish(
        request(sample={"order": {"id": "o_1", "total": 1}}),
        branch("two", way("large", large, action("three", text="{{ steps.one.body.order.id }}"))),
    )
    assert (run.status, recorder.texts) == (RunStatus.SUCCEEDED, ["o_7"])
    assert "4242" not in str(run.steps.first().outputs)


@pytest.mark.parametrize(
    ("method", "path", "needs"),
    [
        ("GET", "/a", {"use_connection"}),
        ("GET", "/a/{{ trigger.id }}", {"use_connection", "view_payload"}),
        ("POST", "/a", {"use_connection", "run_customer_changing_workflow"}),
    ],
)
def test_publishing_needs_what_it_does(method, path, needs, db):
    whole = document(request(method=method, path=path))
    assert {name.partition(".")[2] for name in needed_permissions(whole)} == needs
    user = User.objects.create_user("publisher", is_staff=True)
    for name in ("activate_workflow", *needs):
        assert permission_missing(user, Operation.ACTIVATE, [whole])
        user.user_permissions.add(Permission.objects.get(codename=name))
        user = User.objects.get(pk=user.pk)
    assert permission_missing(user, Operation.ACTIVATE, [whole]) == ""
