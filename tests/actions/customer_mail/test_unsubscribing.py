import pytest

from stripeflow.actions.customer_mail import unsubscribing
from stripeflow.actions.customer_mail.unsubscribing import NotALink, address_of, page_of, token_of
from stripeflow.actions.errors import PermanentError

JANE = "jane@example.com"


def test_a_token_stands_for_its_address_and_does_not_show_it():
    token = token_of(JANE)
    assert address_of(token) == JANE
    assert "jane" not in token
    assert "=" not in token


@pytest.mark.parametrize(
    "change", [lambda one: one[:-2], lambda one: "A" + one[1:], lambda one: "", lambda one: "ä"]
)
def test_a_damaged_token_is_none(change):
    with pytest.raises(NotALink):
        address_of(change(token_of(JANE)))


def test_a_token_of_a_former_key_works_as_long_as_the_key_is_named(settings):
    token, former = token_of(JANE), settings.SECRET_KEY
    settings.SECRET_KEY = "another"
    with pytest.raises(NotALink):
        address_of(token)
    settings.SECRET_KEY_FALLBACKS = [former]
    assert address_of(token) == JANE


def test_the_page_is_at_the_public_address(settings):
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "BASE_URL": "https://flows.example.com/"}
    page = page_of(JANE, livemode=True)
    assert page.startswith("https://flows.example.com/email/unsubscribe/")
    assert len(page) < 500


def test_live_mode_needs_https(settings):
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "BASE_URL": "http://flows.example.com"}
    with pytest.raises(PermanentError) as caught:
        page_of(JANE, livemode=True)
    assert caught.value.code == "no_https"
    assert page_of(JANE, livemode=False)


def test_a_site_without_the_page_sends_no_such_message(settings):
    settings.ROOT_URLCONF = "tests.triggers.urls"
    with pytest.raises(PermanentError, match="no page to unsubscribe") as caught:
        page_of(JANE, livemode=False)
    assert caught.value.code == "no_unsubscribe_page"
    assert not unsubscribing.is_there()
