"""`python -m stripeflow_site.demo`: sets up, sends, waits, prints the table, and asks for the verdict."""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from io import TextIOWrapper
from pathlib import Path
from typing import cast

from stripeflow.triggers.redaction import redacted
from stripeflow_site.demo.cases import Sent, send_all
from stripeflow_site.demo.table import Effects, draw, rows
from stripeflow_site.local.api import Api
from stripeflow_site.local.ending import Interrupted, raise_on_signals
from stripeflow_site.local.installation import ROOT, CommandFailed, Installation, Plan
from stripeflow_site.local.migrating import migrate, say
from stripeflow_site.local.private import UMASK
from stripeflow_site.local.processes import ProcessEnded, TookTooLong, wait_until
from stripeflow_site.standin.driver import Standin, StandinError

RUN_SECONDS = 60.0
FINAL = {"succeeded", "failed", "canceled", "outcome_unknown"}


def main(argv: list[str] | None = None) -> int:
    """Run the demo; the exit status is the verdict's."""
    parser = argparse.ArgumentParser(prog="python -m stripeflow_site.demo", description=__doc__)
    parser.add_argument("--settings", default=Plan.settings, help="The settings module of its processes.")
    options = parser.parse_args(argv)
    raise_on_signals()
    os.umask(UMASK)
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    began = time.monotonic()
    try:
        with tempfile.TemporaryDirectory(prefix="stripeflow-demo-") as folder:
            status = _run(Plan(Path(folder), settings=options.settings))
    except Interrupted as interrupted:
        say("Interrupted; everything is ended and removed.")
        return interrupted.status
    except (CommandFailed, ProcessEnded, StandinError, TookTooLong) as error:
        say(redacted(f"The demo could not be finished: {error}"))
        return 1
    say(f"Done in {time.monotonic() - began:.0f} s; nothing was left behind.")
    return status


def _run(plan: Plan) -> int:
    with Installation(plan) as installation:
        _set_up(installation)
        say("Sending signed events …")
        # `_set_up` has started both.
        standin, api = cast(Standin, installation.standin), cast(Api, installation.api)
        sent = send_all(standin)
        _wait_for_runs(installation, api, sent)
        # Whatever the worker is still at ends here, an alert about a failed run, say.
        installation.stop_worker()
        effects = Effects(installation.mails(), standin.effects())
        say("\n" + draw(rows(api, sent, effects)) + "\n")
    # After the last process has ended nothing can be added to what the verdict reads.
    return _verdict(installation)


def _set_up(installation: Installation) -> None:
    say("Creating the tables; the first time takes about half a minute …")
    migrate(installation)
    say("Starting the web server; making users, the webhook endpoint and copies of three templates …")
    account = installation.start_standin().health()["account"]
    # It starts up meanwhile: nothing is asked of it before the end.
    installation.spawn_web()
    installation.seed("--workflows", f"--account={account}")
    say("Starting the worker …")
    installation.start_worker()
    installation.wait_for_web()


def _wait_for_runs(installation: Installation, api: Api, sent: list[Sent]) -> None:
    """Wait until every event is compared with the workflows, and every run has ended."""

    def ended() -> bool:
        for case in sent:
            event = api.event(case.event_id)
            if event is None or event["matched_at"] is None:
                return False
        return all(run["status"] in FINAL for run in api.results("runs/"))

    try:
        wait_until(ended, what="The end of every run", seconds=RUN_SECONDS, alive=installation.running())
    except TookTooLong:
        for process in installation.running():
            say(redacted(f"The last words of the {process.name}:\n{process.last_words()}"))
        raise


def _verdict(installation: Installation) -> int:
    command = [sys.executable, "-m", "stripeflow_site.demo.verdict"]
    command += [str(installation.ledger_file), str(installation.mail_folder)]
    return subprocess.run(command, cwd=ROOT, check=False).returncode  # noqa: S603 - our own command line


if __name__ == "__main__":
    sys.exit(main())
