import pytest

from stripeflow.triggers.loopback import is_loopback


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST.", "shop.localhost", "127.0.0.1", "127.9.9.9", "::1", "[::1]"]
)
def test_this_machine(host):
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host",
    [
        "",
        "*",
        "0.0.0.0",
        "::",
        "10.0.0.1",
        "127.0.0.1.example.com",
        "localhost.example.com",
        ".localhost.example",
    ],
)
def test_reached_by_others(host):
    assert not is_loopback(host)
