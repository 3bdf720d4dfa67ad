"""What leaves, and where to: names that lead inside, names that change, and requests that are not ours."""

import socket

import pytest
import urllib3.util.connection

from stripeflow.actions import outbound
from stripeflow.actions.errors import PermanentError, TransientError, UnknownOutcome
from stripeflow.actions.outbound import AddressRefused
from tests.actions.outbound.hostile import answer
from tests.actions.outbound.test_public_addresses import PRIVATE

ASKED = socket.getaddrinfo


@pytest.fixture
def resolves(monkeypatch):
    """Has a name resolve to these addresses, one after the other; returns how often it was asked for."""

    def to(*addresses):
        asked = []

        def resolve(host, port, *args, **options):
            if host != "api.example.com":
                return ASKED(host, port, *args, **options)
            address = addresses[min(len(asked), len(addresses) - 1)]
            asked.append(address)
            if isinstance(address, Exception):
                raise address
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            return [(family, socket.SOCK_STREAM, 6, "", (address, port))]

        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        return asked

    return to


@pytest.fixture
def connected(monkeypatch):
    """The addresses that were connected to; nothing is."""
    found = []

    def connect(address, *args, **options):
        found.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(urllib3.util.connection, "create_connection", connect)
    return found


@pytest.mark.parametrize("address", PRIVATE)
def test_a_name_that_leads_inside_is_refused(resolves, connected, address):
    resolves(address)
    with pytest.raises(AddressRefused) as refused:
        outbound.send("POST", "https://api.example.com/a")
    assert refused.value.code == "address_private"
    assert connected == []


def test_the_address_that_was_checked_is_connected_to(resolves, connected):
    asked = resolves("93.184.216.34", "127.0.0.1")
    with pytest.raises(TransientError) as failed:
        outbound.send("POST", "https://api.example.com/a")
    assert failed.value.code == "unreachable"
    assert asked == ["93.184.216.34"]
    assert connected == [("93.184.216.34", 443)]


def test_a_name_that_changes_between_two_requests_is_checked_again(resolves, connected):
    resolves("93.184.216.34", "127.0.0.1")
    with pytest.raises(TransientError):
        outbound.send("GET", "https://api.example.com/a")
    with pytest.raises(AddressRefused):
        outbound.send("GET", "https://api.example.com/a")


@pytest.mark.parametrize("error", [socket.gaierror(-2, "Name or service not known"), TimeoutError()])
def test_a_name_without_an_address_may_have_one_later(resolves, connected, error):
    resolves(error)
    with pytest.raises(TransientError) as failed:
        outbound.send("POST", "https://api.example.com/a")
    assert "api.example.com" in failed.value.message


@pytest.mark.parametrize(
    "url",
    [
        "http://api.example.com/a",
        "https://api.example.com:8443/a",
        "https://localhost/a",
        "https://a@b.example/",
    ],
)
def test_what_the_settings_do_not_allow_is_not_even_resolved(resolves, connected, url):
    asked = resolves("93.184.216.34")
    with pytest.raises(AddressRefused):
        outbound.send("GET", url)
    assert (asked, connected) == ([], [])


def test_a_request_is_sent_as_it_was_given(serve):
    server = serve(answer(b'{"id": 7}', headers=["X-Request-Id: r1"]))
    got = outbound.send(
        "POST",
        f"{server.origin}/orders/a%2Fb?x=1",
        headers={"Content-Type": "application/json", "Idempotency-Key": "k1"},
        body=b'{"a":1}',
    )
    head, body = server.requests[0].split(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert lines[0] == b"POST /orders/a%2Fb?x=1 HTTP/1.1"
    assert body == b'{"a":1}'
    sent = {line.split(b": ")[0].lower(): line.split(b": ")[1] for line in lines[1:]}
    assert sent == {
        b"host": server.origin.removeprefix("http://").encode(),
        b"user-agent": b"StripeFlow",
        b"accept": b"*/*",
        b"accept-encoding": b"identity",
        b"connection": b"close",
        b"content-type": b"application/json",
        b"idempotency-key": b"k1",
        b"content-length": b"7",
    }
    assert (got.status, got.json(), got.headers["x-request-id"], got.cut) == (200, {"id": 7}, "r1", "")


def test_nothing_of_the_environment_is_used(serve, monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password LEAKED")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    server = serve(answer())
    assert outbound.send("GET", server.origin).is_ok
    assert b"authorization" not in server.requests[0].lower()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_an_answer_and_is_not_followed(serve, status):
    other = serve(answer())
    server = serve(answer(status=f"{status} Moved", headers=[f"Location: {other.origin}/"]))
    got = outbound.send("POST", server.origin)
    assert (got.status, other.requests) == (status, [])
    with pytest.raises(UnknownOutcome if status in (302, 303) else PermanentError):
        got.checked()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[
            (name, "a")
            for name in ("Host", "cookie", "Content-Length", "TRANSFER-ENCODING", "Proxy-Authorization")
        ],
        *[
            (name, "a")
            for name in ("Connection", "Upgrade", "TE", "Expect", "X-Forwarded-For", "Sec-Fetch-Site")
        ],
        *[(name, "a") for name in ("", "A b", "A:", "A\r\nB", "Ä", "A" * 101)],
        *[("X-A", value) for value in ("a\r\nX-B: b", "a\nb", "a\x00b", "ä", " a", "a ", "a\x7f")],
    ],
)
def test_a_header_that_is_not_the_callers_is_refused(name, value):
    with pytest.raises(PermanentError) as refused:
        outbound.send("GET", "https://api.example.com/", headers={name: value})
    assert refused.value.code == "header"


def test_a_method_that_is_not_known_is_refused():
    with pytest.raises(PermanentError):
        outbound.send("CONNECT", "https://api.example.com/")


def test_a_body_that_is_too_long_is_refused():
    with pytest.raises(PermanentError):
        outbound.send("POST", "https://api.example.com/", body=b"a" * 5_242_881)


def test_what_refuses_the_connection_got_nothing(serve):
    server = serve(answer())
    server.__exit__()
    with pytest.raises(TransientError) as failed:
        outbound.send("POST", server.origin)
    assert failed.value.code == "unreachable"
