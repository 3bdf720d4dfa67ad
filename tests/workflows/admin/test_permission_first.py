"""Every address of our admin pages asks for permission before it reads a row, and before it judges a form."""

from uuid import uuid4

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from stripeflow.workflows import permissions
from stripeflow.workflows.credentials import connection_changes, secret_changes
from stripeflow.workflows.credentials.connection_changes import Wanted
from stripeflow.workflows.models import ApiToken, Branch, Condition, Deauthorization, Run, Step
from stripeflow.workflows.operations import lifecycle
from tests.workflows.documents import action, branch, compare, document, group, usd, way
from tests.workflows.events import accept, payment

pytestmark = pytest.mark.django_db

APPS = ("stripeflow_workflows", "stripeflow_triggers")
PAGES = {model: page for model, page in admin.site._registry.items() if model._meta.app_label in APPS}
# Without those that have no name: Django leads from them to a row's page, and reads nothing.
ADDRESSES = [(model, one) for model, page in PAGES.items() for one in page.get_urls() if one.name]
DJANGOS = ("changelist", "add", "history", "delete", "change")
# The texts of our scripts, which hold nothing of any row.
OPEN = "stripeflow_workflows_texts"
RUBBISH = {"revision": "1", "outcome": "nonsense", "start": "1", "seen_at": "now", "name": "x" * 999}
ALL = sorted(
    name for name in vars(permissions) if name.isupper() and isinstance(getattr(permissions, name), str)
)


def name_of(address):
    return address[1].name.removeprefix("stripeflow_")


def is_djangos(model, pattern):
    names = {f"{model._meta.app_label}_{model._meta.model_name}_{name}" for name in DJANGOS}
    return pattern.name in names and not hasattr(pattern.callback, "question")


ASKED = [one for one in ADDRESSES if one[1].name != OPEN and not is_djangos(*one)]


@pytest.fixture
def user_of(django_user_model):
    """Make a staff user with these permissions, each as `app.codename`."""

    def user_of(*names):
        user = django_user_model.objects.create(username=f"staff{len(names)}{uuid4()}", is_staff=True)
        codenames = [name.partition(".")[2] for name in names]
        user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
        return user

    return user_of


@pytest.fixture
def rows(recorder, queue, django_user_model):
    """A row of each kind that has pages."""
    first = way("large", group(compare("trigger.amount", "greater_than", usd(1))), action("inner", text="a"))
    workflow = lifecycle.create(document(action("one", text="a"), branch("fork", first)))
    lifecycle.activate(workflow)
    run = Run.objects.get(event=accept(payment()))
    gone = Deauthorization.objects.create(account="acct_1", livemode=False, told_at=timezone.now())
    token = ApiToken(name="t", user=django_user_model.objects.create(username="owner"))
    token.issue()
    token.save()
    made = [workflow, run, run.event, run.version, workflow.trigger, gone, token]
    made.append(secret_changes.store("shop", "swordfish"))
    made.append(connection_changes.create("shop", Wanted("Shop", address="https://shop.example.com")))
    made += [Step.objects.first(), Branch.objects.first(), Condition.objects.first()]
    return {type(row): row for row in made}


def url_of(model, pattern, pk):
    """The address, filled in for the row of this key."""
    given = {"key": "tag_customers", "number": 1, "event_id": 1, "loop": 1}
    names = pattern.pattern.converters
    return reverse(f"admin:{pattern.name}", kwargs={name: given.get(name, pk) for name in names})


def is_turned_away(response):
    return response.status_code in (403, 404) or (
        response.status_code == 302 and response["Location"].startswith("/admin/login/")
    )


def asks(client, url):
    """The answers to good and bad requests, and the tables of ours that were read for them."""
    with CaptureQueriesContext(connection) as queries:
        answers = [client.get(url), client.post(url, {}), client.post(url, RUBBISH)]
    read = [one["sql"] for one in queries if '"stripeflow_' in one["sql"].partition("WHERE")[0]]
    return answers, [sql for sql in read if "auth_permission" not in sql]


def test_every_address_of_our_own_says_whom_it_asks_for():
    assert len(ASKED) > 40
    assert [name_of(one) for one in ASKED if not hasattr(one[1].callback, "question")] == []


def test_who_may_nothing_is_turned_away_before_anything_is_read(rows, user_of):
    client = Client()
    client.force_login(user_of())
    for model, pattern in ADDRESSES:
        if pattern.name == OPEN:
            continue
        row = rows.get(model)
        missing = uuid4() if model is Run else 999_999
        for pk in (row.pk if row else 1, missing):
            answers, read = asks(client, url_of(model, pattern, pk))
            assert [one.status_code for one in answers if not is_turned_away(one)] == [], pattern.name
            assert read == [], pattern.name


@pytest.mark.parametrize("lacked", ALL)
def test_who_lacks_a_permission_is_turned_away_where_it_is_asked_for(rows, user_of, lacked):
    """By a staff user with all the others: rubbish is judged for nobody who may not act on the page."""
    user = user_of(*(name for name in ALL if name != lacked))
    client = Client()
    client.force_login(user)
    closed = [one for one in ASKED if not one[1].callback.question(user)]
    for model, pattern in closed:
        answers, read = asks(client, url_of(model, pattern, rows[model].pk if model in rows else 1))
        assert {one.status_code for one in answers} == {403}, pattern.name
        assert read == [], pattern.name
