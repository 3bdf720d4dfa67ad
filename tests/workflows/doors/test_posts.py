"""What a person sends is answered without a value, too: errors, previews, and what a form shows again."""

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.urls import resolve

from stripeflow.triggers.models import Event
from tests.workflows.doors.marked import AMOUNT_SHOWN, MARK
from tests.workflows.doors.routes import routes
from tests.workflows.doors.sending import SOME, bodies, forms
from tests.workflows.doors.test_values import ALL, MARKS, blind_roles, client_of, text_of, user_of, world

__all__ = ["world"]
pytestmark = pytest.mark.django_db

ANSWERS = {200, 201, 202, 204, 302, 400, 403, 404, 405, 409, 412, 428}


@pytest.fixture
def judged(world):
    """The run whose conditions broke will be judged again, on a value that is not met."""
    event = world.runs["conditions"].event
    event.payload["data"]["object"]["receipt_email"] = AMOUNT_SHOWN
    Event.objects.filter(pk=event.pk).update(stored_payload=event.payload)
    return world


def takes_posts(route):
    actions = getattr(resolve(route.url).func, "actions", None)
    return route.pattern.startswith("admin/") or (actions is not None and "post" in actions)


def sent(world, client, route):
    if route.pattern.startswith("api/"):
        body = bodies(world, route.url)[route.name]
        yield client.post(route.url, body, content_type="application/json")
        return
    for form in forms(world):
        response = client.post(route.url, form)
        yield response
        if response.status_code == 302 and response.url.startswith("/admin/"):
            yield client.get(response.url)


def leaks(world, client):
    """Where an answer tells a value. Nothing that is sent stays done."""
    found, done = [], 0
    some = [world.runs[name].pk for name in SOME]
    for route in [route for route in routes(runs=some) if takes_posts(route)]:
        with transaction.atomic():
            for response in sent(world, client, route):
                text = text_of(response)
                assert response.status_code in ANSWERS, (route.url, response.status_code, text[:500])
                done += response.status_code in (200, 201, 302)
                if marks := [mark for mark in MARKS if mark in text]:
                    found.append((route.url, marks))
            transaction.set_rollback(True)
    return found, done


def test_the_values_are_there_to_be_reported(world):
    """Else the test below could not fail."""
    client = client_of(User.objects.create_superuser("root"))
    url = f"/api/v1/workflows/{world.runs['it works'].workflow_id}/test/"
    body = {"event": world.event.external_id, "anyway": True}
    assert MARK in text_of(client.post(url, body, content_type="application/json"))


def test_no_answer_to_what_is_sent_tells_a_value(judged):
    names = blind_roles()[ALL]
    found, done = leaks(judged, client_of(user_of(ALL, names)))
    assert found == []
    assert done > 50
