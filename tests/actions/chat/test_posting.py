"""A message on its way: to the address that is the secret, which nothing shows."""

import json

import pytest

from stripeflow.actions import registry
from stripeflow.actions.chat import webhook_address
from stripeflow.actions.connections import Connected, auths
from stripeflow.actions.errors import PermanentError, TransientError, UnknownOutcome
from stripeflow.actions.repeat import Repeat
from tests.actions.chat.test_written import KEYS, inputs
from tests.actions.outbound.conftest import serve  # noqa: F401  a fixture
from tests.actions.outbound.hostile import answer

TOKEN = "T0000000/B0000000/" + "s3cr3t" * 4
AUTH = auths.find(webhook_address.KEY)


def connected(origin, *, secret=None):
    address = f"{origin}/services/{TOKEN}?api-version=1&sig=" + "f" * 30
    return Connected("team", origin, AUTH, {}, address if secret is None else secret)


def post(key, connection, context, **changes):
    return registry.get(key).execute(inputs(connection=connection, no_answer="ask", **changes), context)


@pytest.mark.parametrize("key", KEYS)
def test_posts_once_to_the_whole_address(key, serve, context):  # noqa: F811
    server = serve(answer(b"ok"))
    assert post(key, connected(server.origin), context) == {"title": "New order", "status": 200}
    [request] = server.requests
    head, _blank, body = request.partition(b"\r\n\r\n")
    assert head.startswith(f"POST /services/{TOKEN}?api-version=1&sig={'f' * 30} HTTP/1.1".encode())
    assert b"Content-Type: application/json" in head
    assert json.loads(body)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        ("404 Not Found", PermanentError),
        ("410 Gone", PermanentError),
        ("429 Too Many Requests", TransientError),
        ("500 Internal Server Error", UnknownOutcome),
        ("302 Found", UnknownOutcome),
    ],
)
def test_the_answer_decides(serve, context, status, error):  # noqa: F811
    server = serve(answer(b"no_service", status=status))
    with pytest.raises(error) as caught:
        post("slack.post", connected(server.origin), context)
    assert TOKEN not in str(caught.value)


def test_nothing_goes_to_another_host_than_that_of_the_connection(serve, context):  # noqa: F811
    one, other = serve(answer()), serve(answer())
    connection = connected(one.origin, secret=f"{other.origin}/services/{TOKEN}")
    with pytest.raises(PermanentError, match="of another host than the connection"):
        post("teams.post", connection, context)
    assert (one.requests, other.requests) == ([], [])


def test_every_spelling_of_the_secret_is_hidden():
    hidden = set(connected("https://hooks.slack.com").hidden())
    path = f"/services/{TOKEN}?api-version=1&sig={'f' * 30}"
    assert hidden == {f"https://hooks.slack.com{path}", path, "s3cr3t" * 4, "f" * 30}


@pytest.mark.parametrize(
    ("secret", "fault"),
    [
        ("https://hooks.slack.com/services/T0/B0/x123456789012", ""),
        ("https://hooks.slack.com/", "whole address"),
        ("xoxb-1234567890", "not one that is plainly written"),
        ("https://user@hooks.slack.com/services/T0/B0/x1234567", "not one that is plainly written"),
    ],
)
def test_a_secret_has_to_be_the_whole_address(secret, fault):
    found = AUTH.secret_fault(secret)
    assert (fault in found) if fault else not found


def test_a_message_is_posted_again_only_if_the_step_says_so():
    action = registry.get("slack.post")
    assert action.for_inputs({}).repeat is Repeat.ASK
    assert action.for_inputs({"no_answer": "again"}).repeat is Repeat.KEYED
    assert action.repeat is Repeat.ASK


@pytest.mark.parametrize("key", KEYS)
def test_a_preview_shows_the_message_as_text(key, context):
    shown = registry.get(key).preview(inputs(connection="team", text="<b>x</b>"), context)
    assert (shown.subject, shown.recipients) == ("New order", ("team",))
    assert "&lt;b&gt;x&lt;/b&gt;" in shown.html
    assert "Customer: cus_1" in shown.text
