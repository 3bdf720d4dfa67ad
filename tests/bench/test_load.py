import socket
import threading

import pytest

from bench import load


@pytest.fixture
def server():
    """A server that answers one request per connection with the given status line; returns its port."""
    listener = socket.create_server(("127.0.0.1", 0))
    received = []

    def serve(status):
        def answer():
            while True:
                try:
                    connection, _address = listener.accept()
                except OSError:
                    return
                with connection:
                    received.append(connection.recv(65536))
                    connection.sendall(
                        f"HTTP/1.1 {status}\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok".encode()
                    )

        threading.Thread(target=answer, daemon=True).start()
        return listener.getsockname()[1], received

    yield serve
    listener.close()


def test_every_request_is_sent_and_every_answer_timed(server):
    port, received = server("200 OK")
    requests = [load.request("/x/", b"{}", {"A": str(number)}) for number in range(5)]
    sent = load.burst(port, requests, connections=2)
    assert sorted(received) == sorted(requests)
    assert len(sent.answers) == 5
    assert sent.rate == 5 / sent.seconds


def test_an_answer_other_than_200_is_an_error(server):
    port, _received = server("500 Oops")
    with pytest.raises(load.Unexpected, match="500 Oops"):
        load.burst(port, [load.request("/x/", b"{}", {})], connections=1)


def test_quantiles_are_answers_that_were_seen():
    sent = load.Sent(1.0, (0.4, 0.1, 0.3, 0.2))
    assert (sent.quantile(0.5), sent.quantile(0.99)) == (0.3, 0.4)
