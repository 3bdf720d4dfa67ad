import os
import signal
import subprocess
import sys

import pytest

from stripeflow_site.standin import cli
from stripeflow_site.standin.driver import ROOT, Standin, StandinError


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.com"])
def test_only_loopback_can_be_bound(host, tmp_path, capsys):
    with pytest.raises(SystemExit) as exit_:
        cli.main([f"--host={host}", f"--ledger={tmp_path / 'l'}"])

    assert exit_.value.code == 2
    assert "address" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("host", "address"), [("localhost", "127.0.0.1"), ("127.0.0.9", "127.0.0.9"), ("::1", "::1")]
)
def test_loopback_addresses_are_allowed(host, address):
    assert cli.loopback(host) == address


def test_options_describe_the_webhook(tmp_path):
    options = cli.parser().parse_args(
        [
            f"--ledger={tmp_path / 'l'}",
            "--webhook-url=http://127.0.0.1/hook",
            "--webhook-secret=whsec_a",
            "--webhook-secret=whsec_b",
            "--enabled-event=a.b",
            "--no-api-events",
        ]
    )
    world = cli.build(options)
    world.close()

    assert world.webhook.secrets == ("whsec_a", "whsec_b")
    assert world.webhook.enabled_events == ("a.b",)
    assert world.webhook.api_events is False


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_ends_it_cleanly(tmp_path, number):
    standin = Standin.start(ledger=tmp_path / "ledger.jsonl")
    os.kill(standin.pid, number)

    assert standin.stop() == 0


def test_signal_ends_it_while_requests_and_deliveries_hang(tmp_path, in_thread):
    standin = Standin.start(ledger=tmp_path / "ledger.jsonl", webhook_url="http://127.0.0.1:9/")
    standin.set_webhook(retry_seconds=60)
    standin.payment(1000)

    assert standin.stop() == 0


def test_it_needs_no_django(tmp_path):
    script = "import sys, stripeflow_site.standin.cli; sys.exit('django' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False).returncode == 0


def test_driver_says_that_it_did_not_start(tmp_path, capfd):
    with pytest.raises(StandinError, match="did not start"):
        Standin.start(ledger=tmp_path / "l", options=["--nonsense"])

    assert "--nonsense" in capfd.readouterr().err


def test_ledger_outlives_its_process(tmp_path):
    ledger = tmp_path / "ledger.jsonl"
    with Standin.start(ledger=ledger) as standin:
        charge = standin.payment(1000)["charge"]

    assert charge["id"] in ledger.read_text()
