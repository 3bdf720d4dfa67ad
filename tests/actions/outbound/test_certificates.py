"""TLS: whose certificate counts, and that the name is checked although an IP address is connected to."""

import datetime
import socket
import ssl

import pytest
import urllib3.util.connection
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from stripeflow.actions import outbound
from stripeflow.actions.errors import PermanentError
from stripeflow.actions.outbound import connecting
from tests.actions.outbound.hostile import Hostile, answer


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate of api.example.com that signs itself, in a file with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "api.example.com")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("api.example.com")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file


@pytest.fixture
def server(certificate, monkeypatch):
    """A server that the addresses of both names lead to."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with Hostile(answer(), context=context) as server:
        server.asked = []
        resolve, connect = socket.getaddrinfo, urllib3.util.connection.create_connection

        def resolved(host, port, *args, **options):
            known = host if not host.endswith("example.com") else "93.184.216.34"
            return resolve(known, port, *args, **options)

        def connected(address, *args, **options):
            server.asked.append(address)
            return connect(("127.0.0.1", server.port), *args, **options)

        monkeypatch.setattr(socket, "getaddrinfo", resolved)
        monkeypatch.setattr(urllib3.util.connection, "create_connection", connected)
        yield server


@pytest.fixture
def trusted(certificate, monkeypatch):
    context = ssl.create_default_context(cafile=str(certificate))
    monkeypatch.setattr(connecting, "_trust", lambda: context)


def test_the_name_is_checked_and_the_address_is_connected_to(server, trusted):
    assert outbound.send("GET", "https://api.example.com/a").is_ok
    assert server.asked == [("93.184.216.34", 443)]
    assert b"\r\nHost: api.example.com\r\n" in server.requests[0]


def test_a_certificate_of_another_name_is_refused(server, trusted):
    with pytest.raises(PermanentError) as refused:
        outbound.send("POST", "https://other.example.com/a")
    assert refused.value.code == "certificate"
    assert server.requests == []


def test_a_certificate_that_nobody_vouches_for_is_refused(server):
    with pytest.raises(PermanentError) as refused:
        outbound.send("POST", "https://api.example.com/a")
    assert refused.value.code == "certificate"
