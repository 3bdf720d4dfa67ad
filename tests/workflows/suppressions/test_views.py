import pytest
from django.test import Client
from django.urls import reverse

from stripeflow.actions.customer_mail.unsubscribing import NO_TOKEN, VIEW, token_of
from stripeflow.actions.models import Reason, Suppression
from stripeflow.workflows.models import AuditEntry

pytestmark = pytest.mark.django_db

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def stranger():
    return Client(enforce_csrf_checks=True)


def page(token=None):
    return reverse(VIEW, args=[token_of("Jane@example.com") if token is None else token])


@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_changes_nothing(stranger, method):
    answer = getattr(stranger, method)(page())
    assert answer.status_code == 200
    assert not Suppression.objects.exists()
    assert not answer.cookies


def test_the_page_asks_and_hides_most_of_the_address(stranger):
    shown = stranger.get(page()).content.decode()
    assert "J…@example.com" in shown
    assert "Jane" not in shown
    assert "<form" in shown
    assert "<script" not in shown


@pytest.mark.parametrize("content", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_one_click_puts_the_address_on_the_list_once(stranger, content):
    for _time in range(2):
        if content.startswith("multipart"):
            answer = stranger.post(page(), ONE_CLICK)
        else:
            answer = stranger.post(page(), "List-Unsubscribe=One-Click", content_type=content)
        assert answer.status_code == 200
    entry = Suppression.objects.get()
    assert (entry.address, entry.reason) == ("jane@example.com", Reason.UNSUBSCRIBE)
    row = AuditEntry.objects.get()
    assert (row.kind, row.user_name, row.address, row.via) == ("suppression.added", "", "", "system")


def test_a_customer_who_is_unsubscribed_is_not_asked_again(stranger):
    stranger.post(page(), ONE_CLICK)
    shown = stranger.get(page()).content.decode()
    assert "You are unsubscribed" in shown
    assert "<form" not in shown


@pytest.mark.parametrize("body", [{}, {"List-Unsubscribe": "yes"}, {"x": "List-Unsubscribe=One-Click"}])
def test_another_post_changes_nothing(stranger, body):
    assert stranger.post(page(), body).status_code == 400
    assert not Suppression.objects.exists()


@pytest.mark.parametrize("token", [NO_TOKEN, "x" * 120, "%00", "gAAAAA"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_link_that_was_not_made_here_is_not_found(stranger, method, token):
    answer = getattr(stranger, method)(page(token), ONE_CLICK)
    assert answer.status_code == 404
    assert "This link does not work" in answer.content.decode()
    assert not Suppression.objects.exists()


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_other_methods_are_refused(stranger, method):
    assert getattr(stranger, method)(page()).status_code == 405


def test_the_link_goes_to_nobody_else(stranger):
    answer = stranger.get(page())
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["X-Robots-Tag"] == "noindex"
    assert "no-store" in answer["Cache-Control"]


def test_the_page_is_in_the_readers_language(stranger):
    shown = stranger.get(page(), headers={"Accept-Language": "ja"}).content.decode()
    assert 'lang="ja"' in shown
    assert "配信を停止" in shown
