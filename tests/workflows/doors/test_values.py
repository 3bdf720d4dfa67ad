"""A value of an event is shown to nobody without the permission to see payloads, through no door."""

from html import unescape

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import timezone

from stripeflow.triggers.recent import forget
from stripeflow.workflows import permissions
from stripeflow.workflows.access import roles
from stripeflow.workflows.models import Deauthorization
from tests.workflows.doors.marked import (
    AMOUNT,
    AMOUNT_SHOWN,
    MARK,
    SECRET,
    UNSEEN,
    World,
    made,
    secret_action,
    ways,
)
from tests.workflows.doors.routes import routes

pytestmark = pytest.mark.django_db

# How a value looks, wherever it is seen.
MARKS = (MARK, str(AMOUNT), AMOUNT_SHOWN)
EXPECTED = {200, 302, 400, 403, 404, 405, 503}
# Runs whose pages show a value in their error.
VISIBLE = ("not found", "refused", "a time zone", "a spent key", "plain words", "nobody knows", "forbidden")
OURS = ("stripeflow_workflows", "stripeflow_triggers")
ALL = "everything else"
# Further questions that an address may be asked; `{event}` is Stripe's id of the event.
QUESTIONS = {
    "stripeflow_workflows_run_changelist": ["status__exact=failed"],
    "stripeflow_workflows_run_why": ["event={event}"],
    "stripeflow_workflows_run_replay": ["workflow={workflow}&ids={event}&again=on"],
    "stripeflow_workflows_workflow_test": ["event={event}", "event={event}&version=1&anyway=on"],
    "stripeflow_workflows_workflow_backtest": ["days=7", "days=7&version=1"],
    "stripeflow_workflows_step_add": [
        "workflow={workflow}&position=0",
        "workflow={workflow}&position=0&action=test.record",
    ],
}


@pytest.fixture
def world(recorder, queue, money, settings, mailoutbox) -> World:
    owner = User.objects.create_user("owner", "owner@example.org", is_staff=True)
    with secret_action(recorder):
        found = made(recorder, owner=owner, settings=settings)
        account = {
            "account": "acct_1",
            "livemode": False,
            "deauthorized_at": timezone.now(),
            "told_at": timezone.now(),
        }
        Deauthorization.objects.create(**account)
        # What was kept of the events before these were here.
        forget()
        yield found


def blind_roles():
    """The permissions of each role that may not see payloads, and of one who has all others."""
    found = {one.key: set(one.permissions) for one in roles.ROLES}
    found["nobody"] = set()
    every = Permission.objects.filter(content_type__app_label__in=OURS)
    found[ALL] = {f"{one.content_type.app_label}.{one.codename}" for one in every}
    found[ALL] -= {permissions.VIEW_PAYLOAD}
    blind = {key: frozenset(names) for key, names in found.items() if permissions.VIEW_PAYLOAD not in names}
    # Two roles of the same permissions see the same.
    return {key: names for names, key in {names: key for key, names in blind.items()}.items()}


def user_of(key, names):
    user = User.objects.create_user(f"user {key}", f"{key}@example.org".replace(" ", "_"), is_staff=True)
    for name in names:
        app, _dot, codename = name.partition(".")
        user.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
    return user


def client_of(user):
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


def asked(world, route):
    given = {"event": world.event.external_id, "workflow": world.runs["it works"].workflow_id}
    yield route.url
    for question in QUESTIONS.get(route.name, ()):
        yield f"{route.url}?{question.format(**given)}"


def text_of(response):
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return unescape(body.decode(errors="replace")).casefold()


def leaks(world, client, *, runs=None, may_edit=False, only=None):
    """Where a value, or a secret without the right to edit, is seen; and the addresses that answered."""
    found, answered = [], set()
    for route in routes(runs=runs):
        if only is not None and route.pattern not in only:
            continue
        for url in asked(world, route):
            response = client.get(url)
            text = text_of(response)
            assert response.status_code in EXPECTED, (url, text[:500])
            if response.status_code == 200:
                answered.add(route.pattern)
            if marks := [mark for mark in MARKS if mark in text]:
                found.append((url, marks))
            if SECRET in text:
                found.append((url, SECRET))
    return found, answered


def test_each_run_came_to_its_state(world):
    assert {name: world.runs[name].status for name in ways()} == {
        name: one.status for name, one in ways().items()
    }


def test_the_values_are_there_to_be_seen_and_visible(world):
    """Else the test below could not fail."""
    for name, one in ways().items():
        if one.seen:
            assert one.seen in world.runs[name].error["message"], name
    client = client_of(User.objects.create_superuser("root"))
    first = world.runs["it works"].workflow
    for url in (
        f"/admin/stripeflow_triggers/event/{world.event.pk}/change/",
        f"/admin/stripeflow_triggers/event/{world.broken.pk}/change/",
        *(f"/admin/stripeflow_workflows/run/{world.runs[name].pk}/change/" for name in VISIBLE),
        f"/admin/stripeflow_workflows/run/why/{world.event.pk}/",
        f"/admin/stripeflow_workflows/workflow/{first.pk}/test/?event={world.event.external_id}",
        f"/admin/stripeflow_workflows/trigger/{first.trigger.pk}/seen/",
        *(f"/api/v1/runs/{world.runs[name].pk}/" for name in VISIBLE),
        f"/api/v1/events/{world.event.pk}/",
        f"/api/v1/events/{world.event.pk}/why/",
        "/api/v1/runs/",
    ):
        text = text_of(client.get(url))
        assert MARK in text, url
        if url.startswith("/admin/") and not url.endswith("/seen/"):
            # What a customer wrote turns nothing around on a page. What is to be typed again stays as it is.
            assert not set(UNSEEN) & set(text), url


def test_no_page_and_no_answer_shows_a_value(world):
    few = [world.runs[name].pk for name in ("not found", "undecided", "nobody knows", "a secret")]
    blind = blind_roles()
    found, answered = leaks(world, client_of(user_of(ALL, blind.pop(ALL))), may_edit=True)
    assert found == []
    assert len(answered) > 50
    for key, names in blind.items():
        # What refuses one who has all other permissions is not there to be read.
        client, may_edit = client_of(user_of(key, names)), permissions.CHANGE in names
        assert leaks(world, client, runs=few, may_edit=may_edit, only=answered)[0] == [], key


def test_no_line_of_the_log_tells_a_value(world):
    lines = world.lines.texts
    assert [line for line in lines if any(mark in line.casefold() for mark in MARKS)] == []
    # What broke is told all the same.
    for text in ("actions.stripe.failed", "KeyError", "workflows.matching.failed", "workflows.run.broke_off"):
        assert any(text in line for line in lines), text


def test_no_mail_to_somebody_without_the_permission_tells_a_value(world, mailoutbox):
    assert len(mailoutbox) > 10
    assert [one.body for one in mailoutbox if any(mark in one.body for mark in MARKS)] == []
    assert any("resource_missing" in one.body for one in mailoutbox)


def test_no_picker_lists_what_somebody_wrote_as_a_key(world):
    """Where an event type is not listed, its fields are those that recent events had."""
    workflow = world.runs["it works"].workflow
    workflow.trigger.event_types = ["charge.succeeded", "made.up"]
    workflow.trigger.save()
    client = client_of(user_of(ALL, blind_roles()[ALL]))
    step = workflow.steps.first()
    for url in (
        f"/admin/stripeflow_workflows/trigger/{workflow.trigger.pk}/change/",
        f"/admin/stripeflow_workflows/step/{step.pk}/change/",
    ):
        text = text_of(client.get(url))
        assert "metadata" in text, url
        assert not [mark for mark in MARKS if mark in text], url
