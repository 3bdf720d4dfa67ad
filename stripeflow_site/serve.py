"""`python -m stripeflow_site.serve`: web server, worker and stand-in, until Ctrl-C."""

import argparse
import os
import sys
import time
from pathlib import Path
from typing import cast

from stripeflow.triggers.redaction import redacted
from stripeflow_site.local.ending import Interrupted, raise_on_signals
from stripeflow_site.local.installation import (
    PASSWORD_VARIABLE,
    ROOT,
    CommandFailed,
    Installation,
    Plan,
    PortTaken,
    Seeds,
)
from stripeflow_site.local.migrating import migrate, say
from stripeflow_site.local.private import UMASK, keep_private
from stripeflow_site.local.processes import ProcessEnded, TookTooLong
from stripeflow_site.local.served_folder import FolderTaken, held, settings_file
from stripeflow_site.secret_key import kept_secret
from stripeflow_site.standin.driver import Standin, StandinError

LOOK_SECONDS = 0.5
PASSWORD_BYTES = 12


def main(argv: list[str] | None = None) -> int:
    """Serve until it is interrupted, which is its good end."""
    options = _options(argv)
    raise_on_signals()
    os.umask(UMASK)
    plan = Plan(
        options.folder.resolve(),
        web_port=options.port,
        standin_port=options.standin_port,
        settings=options.settings,
    )
    try:
        keep_private(plan.folder)
        with held(plan.folder), Installation(plan) as installation:
            _serve(installation)
    except Interrupted:
        say("Ended. The database stays, and the next start goes on with it.")
        return 0
    except (CommandFailed, FolderTaken, PortTaken, ProcessEnded, StandinError, TookTooLong) as error:
        say(redacted(f"Could not serve: {error}"))
        return 1
    return 0


def _options(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m stripeflow_site.serve", description=__doc__)
    add = parser.add_argument
    add("--port", type=int, default=8000, help="The site's port (8000); 0 takes a free one.")
    add("--standin-port", type=int, default=12111, help="The stand-in's port (12111); 0 takes a free one.")
    add("--folder", type=Path, default=ROOT / "var", help="Where the database, the e-mails and the logs lie.")
    add("--settings", default=Plan.settings, help="The settings module of its processes.")
    return parser.parse_args(argv)


def _serve(installation: Installation) -> None:
    say("Bringing the tables up to date; the first time takes about half a minute …")
    migrate(installation)
    password = kept_secret(installation.plan.folder / "demo_password", random_bytes=PASSWORD_BYTES)
    account = installation.start_standin().health()["account"]
    # It starts up meanwhile: nothing is asked of it before the welcome.
    installation.spawn_web()
    seeds = installation.seed("--workflows", f"--account={account}", **{PASSWORD_VARIABLE: password})
    installation.start_worker()
    installation.wait_for_web()
    with settings_file(installation.plan.folder, installation.settings()) as settings:
        say(_welcome(installation, seeds, password, settings))
        while True:
            for process in installation.running():
                process.ensure_alive()
            time.sleep(LOOK_SECONDS)


def _welcome(installation: Installation, seeds: Seeds, password: str, settings: Path) -> str:
    shown = password if seeds.password_works else "the one that you have set"
    folder = installation.plan.folder
    return f"""
StripeFlow is running. Ctrl-C ends it.

  Admin          {installation.url}/admin/
                 user {seeds.username}, password {shown}
  Sample events  {cast(Standin, installation.standin).url}/
  API            {installation.url}/api/v1/docs/
  E-mails        {installation.mail_folder}
  Logs           {folder / "web.log"}, {folder / "worker.log"}
  Commands       STRIPEFLOW_ENV_FILE={settings} {sys.executable} manage.py …

Copies of three templates are active. Send a sample event, and look at the runs in the admin.
"""


if __name__ == "__main__":
    sys.exit(main())
