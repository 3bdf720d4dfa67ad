"""Who acts, by what and from where."""

import pytest
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand
from django.http import HttpResponse
from django.test import RequestFactory
from rest_framework.request import Request

from stripeflow.workflows.audit.acts import NOBODY, Act
from stripeflow.workflows.audit.requests import HEADER, RequestFactsMiddleware, current_facts, facts_of
from stripeflow.workflows.management.commands.stripeflow_run import Command
from stripeflow.workflows.models import ApiToken
from stripeflow.workflows.models.audit import Via


@pytest.fixture
def request_of_anna():
    found = RequestFactory().post("/", REMOTE_ADDR="203.0.113.7")
    found.user = get_user_model()(pk=7, username="anna")
    return found


def test_page_says_the_address_and_one_id_for_the_whole_request(request_of_anna):
    first, second = Act.of(request_of_anna, "why").origin, Act.of(request_of_anna).origin
    assert first == second
    assert (first.via, first.address, len(first.request_id)) == (Via.ADMIN, "203.0.113.7", 32)


def test_session_is_reported_by_a_digest_that_opens_nothing(request_of_anna):
    request_of_anna.session = type("Session", (), {"session_key": "secret"})()
    digest = Act.of(request_of_anna).origin.session
    assert len(digest) == 16
    assert "secret" not in digest


def test_token_is_reported_by_its_start_and_number_and_hides_the_session(request_of_anna):
    token = ApiToken(pk=3, name="CI", user=request_of_anna.user)
    secret = token.issue()
    asked = Request(request_of_anna)
    asked.user, asked.auth = request_of_anna.user, token
    origin = Act.of(asked).origin
    assert (origin.via, origin.token_id, origin.token) == (Via.API, 3, token.hint)
    assert secret not in repr(origin)


def test_command_says_its_name_and_the_account_of_the_machine():
    origin = Act.by(Command(), "why").origin
    assert (origin.via, origin.command) == (Via.COMMAND, "stripeflow_run")
    assert "@" in origin.address
    assert isinstance(Command(), BaseCommand)


def test_nobody_is_the_product_itself():
    assert (NOBODY.user, NOBODY.origin.via) == (None, Via.SYSTEM)


def test_middleware_answers_with_the_id_and_forgets_the_request(request_of_anna):
    seen = []

    def view(request):
        seen.append(current_facts())
        return HttpResponse()

    answer = RequestFactsMiddleware(view)(request_of_anna)
    assert seen == [facts_of(request_of_anna)]
    assert answer[HEADER] == seen[0].request_id
    assert current_facts() is None


@pytest.mark.parametrize(("proxies", "kept"), [(0, False), (1, True)])
def test_id_of_a_proxy_is_believed_only_behind_one(settings, request_of_anna, proxies, kept):
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "TRUSTED_PROXIES": proxies}
    request_of_anna.META["HTTP_X_REQUEST_ID"] = "abc-123"
    assert (facts_of(request_of_anna).request_id == "abc-123") is kept


def test_id_that_could_forge_a_line_is_not_believed(settings, request_of_anna):
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "TRUSTED_PROXIES": 1}
    request_of_anna.META["HTTP_X_REQUEST_ID"] = "a b=c"
    assert facts_of(request_of_anna).request_id != "a b=c"
