"""Where a request came from."""

import pytest
from django.test import RequestFactory

from stripeflow.triggers.addresses import address_of


def request(forwarded=None, *, remote="10.0.0.9"):
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    return RequestFactory().get("/", headers=headers, REMOTE_ADDR=remote)


@pytest.fixture
def proxies(settings):
    def set_number(number):
        settings.STRIPEFLOW = {**settings.STRIPEFLOW, "TRUSTED_PROXIES": number}

    return set_number


def test_header_of_a_client_is_not_believed_without_proxies():
    assert address_of(request("203.0.113.7")) == "10.0.0.9"


@pytest.mark.parametrize(
    ("number", "address"), [(1, "203.0.113.3"), (2, "203.0.113.2"), (3, "203.0.113.1"), (9, "203.0.113.1")]
)
def test_entry_that_the_first_proxy_wrote_counts(proxies, number, address):
    proxies(number)
    assert address_of(request("203.0.113.1, 203.0.113.2, 203.0.113.3")) == address


def test_request_without_the_header_came_from_the_proxy_itself(proxies):
    proxies(1)
    assert address_of(request()) == "10.0.0.9"


@pytest.mark.parametrize("written", ["nonsense\nline", "203.0.113.7:80", "'; drop"])
def test_what_is_no_address_is_left_out(proxies, written):
    proxies(1)
    assert address_of(request(written)) == ""


def test_socket_of_the_file_system_has_no_address():
    assert address_of(request(remote="")) == ""
