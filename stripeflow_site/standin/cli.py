"""The command line: `python -m stripeflow_site.standin`."""

import argparse
import ipaddress
import logging
import secrets
import signal
import sys
import threading
from pathlib import Path
from types import FrameType

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from stripeflow_site.standin import DEFAULT_API_KEY, payloads
from stripeflow_site.standin.app import Application
from stripeflow_site.standin.delivery import Webhook
from stripeflow_site.standin.world import World


class QuietHandler(WSGIRequestHandler):
    """The ledger is the log of requests."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Write nothing."""


def loopback(host: str) -> str:
    """The host if it is a loopback address. Raises argparse.ArgumentTypeError for any other."""
    try:
        address = ipaddress.ip_address("127.0.0.1" if host == "localhost" else host)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{host} is not an address.") from None
    if not address.is_loopback:
        raise argparse.ArgumentTypeError(f"{host} is not a loopback address; the stand-in is a local tool.")
    return str(address)


def parser() -> argparse.ArgumentParser:
    """The options."""
    options = argparse.ArgumentParser(prog="python -m stripeflow_site.standin", description=__doc__)
    add = options.add_argument
    add("--host", type=loopback, default="127.0.0.1", help="A loopback address (127.0.0.1).")
    add("--port", type=int, default=12111, help="The port (12111); 0 takes a free one.")
    add("--ledger", type=Path, required=True, help="The file of the append-only ledger, JSON lines.")
    add("--webhook-url", default="", help="Where events are delivered; may be set later by control.")
    add("--webhook-secret", action="append", help="The signing secret; twice during a rotation.")
    add("--api-key", action="append", help=f"A secret key that opens the API ({DEFAULT_API_KEY}).")
    add("--account", default=payloads.ACCOUNT_ID, help="The id of the account.")
    add("--enabled-event", action="append", help="An event type to deliver (all).")
    add("--no-api-events", action="store_true", help="Do not deliver events that API calls cause.")
    add("--max-attempts", type=int, default=3, help="How often a delivery is tried (3).")
    add("--retry-seconds", type=float, default=1.0, help="The first wait, doubled each time (1.0).")
    add("--delivery-timeout", type=float, default=20.0, help="Seconds until a delivery is given up (20).")
    return options


def build(options: argparse.Namespace) -> World:
    """The world that the options describe."""
    signing = tuple(options.webhook_secret or (f"whsec_{secrets.token_hex(16)}",))
    webhook = Webhook(
        url=options.webhook_url,
        secrets=signing,
        enabled_events=tuple(options.enabled_event or ("*",)),
        api_events=not options.no_api_events,
        max_attempts=options.max_attempts,
        retry_seconds=options.retry_seconds,
        timeout_seconds=options.delivery_timeout,
    )
    return World(
        ledger=options.ledger,
        api_keys=tuple(options.api_key or (DEFAULT_API_KEY,)),
        webhook=webhook,
        account=options.account,
    )


def main(argv: list[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT; returns the exit status."""
    options = parser().parse_args(argv)
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
    world = build(options)
    server = make_server(
        options.host, options.port, Application(world), threaded=True, request_handler=QuietHandler
    )
    _stop_on_signals(server)
    host = f"[{options.host}]" if ":" in options.host else options.host
    sys.stdout.write(f"ready http://{host}:{server.port}\n")
    sys.stdout.flush()
    server.serve_forever(poll_interval=0.05)
    server.server_close()
    world.close()
    return 0


def _stop_on_signals(server: BaseWSGIServer) -> None:
    def stop(number: int, frame: FrameType | None) -> None:
        # shutdown() waits for serve_forever(), which runs in this very thread.
        threading.Thread(target=server.shutdown, daemon=True).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
