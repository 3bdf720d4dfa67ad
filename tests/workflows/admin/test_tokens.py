import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from stripeflow.workflows.models import ApiToken
from stripeflow.workflows.models.token_scope import Scope

pytestmark = pytest.mark.django_db

ADD = "admin:stripeflow_workflows_apitoken_add"
LIST = "admin:stripeflow_workflows_apitoken_changelist"
EMPTY = {"expires_at_0": "", "expires_at_1": ""}
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
    return client.post(reverse(ADD), {"name": "CI", "scopes": ["read"], **EMPTY, **fields})


def left(token):
    """The days until the token expires, begun ones too."""
    return (token.expires_at - timezone.now()).days + 1


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


def test_a_new_token_reads_for_90_days_unless_somebody_says_otherwise(maker):
    page = maker.get(reverse(ADD)).content.decode()
    assert re.findall(r'value="(\w+)"[^>]* checked', page) == ["read"]
    make(maker)
    token = ApiToken.objects.get()
    assert token.granted == {Scope.READ}
    assert left(token) == 90


def test_the_setting_says_how_long_a_token_works(maker, settings):
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "TOKEN_DAYS": 7}
    make(maker)
    assert left(ApiToken.objects.get()) == 7


def test_a_token_never_expires_only_where_it_is_asked_for(maker):
    make(maker, never_expires="on")
    assert ApiToken.objects.get().expires_at is None
    page = maker.get(reverse(LIST)).content.decode()
    assert "Never expires" in page


@pytest.mark.parametrize("days", [-1, 367])
def test_refuses_an_end_that_is_over_or_too_far(maker, days):
    at = timezone.now() + timedelta(days=days, minutes=5)
    page = make(maker, expires_at_0=f"{at:%Y-%m-%d}", expires_at_1=f"{at:%H:%M:%S}").content.decode()
    assert "366 days from now, or" in page
    assert not ApiToken.objects.exists()


def test_keeps_the_scopes_that_were_chosen(maker):
    make(maker, scopes=["publish", "read"])
    assert ApiToken.objects.get().scopes == "read publish"
    assert "read, publish" in maker.get(reverse(LIST)).content.decode()


@pytest.mark.parametrize("scopes", [[], ["everything"]])
def test_refuses_a_token_without_a_purpose(maker, scopes):
    make(maker, scopes=scopes)
    assert not ApiToken.objects.exists()


def test_the_list_says_why_a_token_does_not_work(root, maker):
    token_of(maker.user)
    maker.user.set_password("Another one")
    maker.user.save()
    assert "password was changed" in root.get(reverse(LIST)).content.decode()
    User.objects.filter(pk=maker.user.pk).update(is_staff=False)
    assert "Owner is not active staff" in root.get(reverse(LIST)).content.decode()


def test_a_new_token_is_saved_in_the_one_way_that_shows_it(maker):
    page = maker.get(reverse(ADD)).content.decode()
    assert 'name="_save"' in page
    assert "_addanother" not in page
    assert "_continue" not in page
