import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from workflows.models import ApiToken

pytestmark = pytest.mark.django_db

ADD = "admin:stripeflow_workflows_apitoken_add"
LIST = "admin:stripeflow_workflows_apitoken_changelist"
TOKEN = re.compile(r"sflow_[A-Za-z0-9_-]{43}")


@pytest.fixture
def maker(client_for):
    return client_for("add_apitoken", "view_apitoken", "change_apitoken", username="maker")


@pytest.fixture
def root():
    user = User.objects.create_superuser("root")
    client = Client()
    client.force_login(user)
    client.user = user
    return client


def make(client, **fields):
    return client.post(reverse(ADD), {"name": "CI", "expires_at_0": "", "expires_at_1": "", **fields})


def token_of(user, name="Another"):
    token = ApiToken(user=user, name=name)
    token.issue()
    token.save()
    return token


def test_shows_a_new_token_once(maker):
    response = make(maker)
    (secret,) = TOKEN.findall(response.content.decode())
    token = ApiToken.objects.get()
    assert token.digest == ApiToken.digest_of(secret)
    assert "no-store" in response["Cache-Control"]
    page = maker.get(reverse("admin:stripeflow_workflows_apitoken_change", args=[token.pk])).content.decode()
    assert secret not in page
    assert token.hint in page


def test_the_token_is_in_no_cookie_and_no_session(maker):
    response = make(maker)
    assert not response.cookies or "sflow_" not in str(response.cookies)
    assert "sflow_" not in str(dict(maker.session))


def test_makes_tokens_for_oneself_only(maker, root):
    make(maker, user=root.user.pk)
    assert ApiToken.objects.get().user == maker.user


def test_a_superuser_makes_tokens_for_others(maker, root):
    make(root, user=maker.user.pk)
    assert ApiToken.objects.get().user == maker.user


def test_the_tokens_of_others_are_not_listed(maker, root):
    token_of(root.user)
    own = token_of(maker.user, "Own")
    assert list(maker.get(reverse(LIST)).context["cl"].result_list) == [own]
    assert len(root.get(reverse(LIST)).context["cl"].result_list) == 2


def test_revokes_ones_own_tokens(maker, root):
    own, other = token_of(maker.user), token_of(root.user)
    maker.post(reverse(LIST), {"action": "revoke", "_selected_action": [own.pk, other.pk]})
    own.refresh_from_db()
    other.refresh_from_db()
    assert own.revoked_at is not None
    assert other.revoked_at is None


def test_a_token_can_not_be_edited(maker):
    token = token_of(maker.user)
    url = reverse("admin:stripeflow_workflows_apitoken_change", args=[token.pk])
    assert maker.post(url, {"name": "Changed"}).status_code == 403
    token.refresh_from_db()
    assert token.name == "Another"


def test_needs_the_permission(client_for):
    client = client_for("view_workflow")
    assert client.get(reverse(LIST)).status_code == 403
    assert client.get(reverse(ADD)).status_code == 403
