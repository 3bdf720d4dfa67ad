"""One installation in one folder: database, stand-in, web server and worker, each a process."""

import json
import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from stripeflow_site.local.api import Api
from stripeflow_site.local.mails import Mail, mails_in
from stripeflow_site.local.private import UMASK, keep_private
from stripeflow_site.local.processes import Process, wait_until
from stripeflow_site.standin.driver import Standin

ROOT = Path(__file__).resolve().parents[2]
# What else is in the environment stays out, so that nobody's real keys and databases get in.
INHERITED = (
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "TMPDIR",
    "PYTHONPATH",
    "PYTHONDONTWRITEBYTECODE",
    "VIRTUAL_ENV",
)
# What `manage.py stripeflow_demo` gives its admin.
PASSWORD_VARIABLE = "STRIPEFLOW_DEMO_PASSWORD"  # noqa: S105 - the variable's name
WORKER_STOP_SECONDS = 70.0
LISTEN_BACKLOG = 256


class CommandFailed(RuntimeError):
    """A management command ended with an error; the message holds what it printed."""


class PortTaken(RuntimeError):
    """Something else listens where the web server should."""


@dataclass(frozen=True)
class Plan:
    """How an installation is set up. A port of 0 takes a free one."""

    folder: Path
    database_url: str = ""
    redis_url: str = ""
    web_port: int = 0
    standin_port: int = 0
    settings: str = "stripeflow_site.settings"
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Seeds:
    """What `manage.py stripeflow_demo` has prepared."""

    webhook_path: str
    username: str
    password_works: bool
    token: str


class Installation:
    """Runs the parts of `plan`. Close it, or use it in a `with`, to end all of them."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        keep_private(plan.folder)
        (plan.folder / "static").mkdir(parents=True, exist_ok=True)
        self.socket = _listen(plan.web_port)
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        self.webhook_secret = f"whsec_{secrets.token_hex(24)}"
        self.standin: Standin | None = None
        self.web: Process | None = None
        self.worker: Process | None = None
        self.api: Api | None = None
        self.webhook_path = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    @property
    def ledger_file(self) -> Path:
        return self.plan.folder / "ledger.jsonl"

    @property
    def mail_folder(self) -> Path:
        return self.plan.folder / "mail"

    @property
    def webhook_url(self) -> str:
        return self.url + self.webhook_path

    def environment(self) -> dict[str, str]:
        """What its processes see: little of ours, and nothing of another installation."""
        inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
        own = {"DJANGO_SETTINGS_MODULE": self.plan.settings, "STRIPEFLOW_ENV_FILE": ""}
        return {**inherited, **own, **self.settings()}

    def settings(self) -> dict[str, str]:
        """The variables that the settings of its processes are read from."""
        standin = self.standin
        return {
            "STRIPEFLOW_VAR_DIR": str(self.plan.folder),
            "STRIPEFLOW_BASE_URL": self.url,
            "STATIC_ROOT": str(self.plan.folder / "static"),
            "STRIPE_WEBHOOK_SECRET": self.webhook_secret,
            **({"DATABASE_URL": self.plan.database_url} if self.plan.database_url else {}),
            **({"REDIS_URL": self.plan.redis_url} if self.plan.redis_url else {}),
            **(
                {"STRIPE_API_BASE": standin.url, "STRIPE_TEST_SECRET_KEY": standin.api_key} if standin else {}
            ),
            **self.plan.variables,
        }

    def manage(self, *arguments: str, on_line: Callable[[str], None] | None = None, **variables: str) -> str:
        """Run a management command, and return what it prints; `on_line` sees each line as it comes.

        Raises `CommandFailed`.
        """
        process = subprocess.Popen(  # noqa: S603 - our own command lines
            [sys.executable, "manage.py", *arguments],
            env={**self.environment(), "PYTHONUNBUFFERED": "1", **variables},
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT if on_line else None,
            text=True,
            start_new_session=True,
            umask=UMASK,
        )
        lines = []
        try:
            for line in process.stdout or ():
                lines.append(line)
                if on_line:
                    on_line(line.rstrip("\n"))
            code = process.wait()
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
            if process.stdout:
                process.stdout.close()
        printed = "".join(lines)
        if code:
            raise CommandFailed(f"manage.py {' '.join(arguments)} ended with status {code}:\n{printed}")
        return printed

    def start_standin(self) -> Standin:
        """Start the stand-in for Stripe, which delivers to our webhook once `seed` has set the address."""
        self.standin = Standin.start(
            ledger=self.ledger_file, port=self.plan.standin_port, webhook_secret=self.webhook_secret
        )
        return self.standin

    def seed(self, *options: str, **variables: Any) -> Seeds:
        """Make users, an API token and the webhook endpoint; with `--workflows` the templates' copies too."""
        printed: dict[str, Any] = json.loads(
            self.manage("stripeflow_demo", f"--url={self.url}", *options, LOG_LEVEL="WARNING", **variables)
        )
        seeds = Seeds(**printed)
        self.webhook_path = seeds.webhook_path
        self.api = Api(self.url, seeds.token)
        if self.standin:
            self.standin.set_webhook(url=self.webhook_url)
        return seeds

    def start_web(self) -> Process:
        """Start gunicorn on our socket, and wait until it answers."""
        web = self.spawn_web()
        self.wait_for_web()
        return web

    def wait_for_web(self) -> None:
        """Wait until the web server answers. Raises `ProcessEnded` and `TookTooLong`."""
        api = self.api or Api(self.url, "")
        what = "The first answer of the web server"
        wait_until(api.answers, what=what, seconds=90, alive=self.running())

    def spawn_web(self) -> Process:
        """Start gunicorn on our socket, which keeps who comes too early waiting."""
        descriptor = self.socket.fileno()
        command = [sys.executable, "-m", "gunicorn", "--config=python:stripeflow_site.gunicorn_settings"]
        command += [
            f"--bind=fd://{descriptor}",
            "--graceful-timeout=10",
            "--no-control-socket",
        ]
        self.web = self._start("web server", command, log="web.log", pass_fds=(descriptor,))
        return self.web

    def start_worker(self, **variables: str) -> Process:
        """Start the worker. What waits for it is taken as soon as it is up."""
        command = [sys.executable, "manage.py", "stripeflow_worker"]
        self.worker = self._start("worker", command, log="worker.log", variables=variables)
        return self.worker

    def stop_worker(self) -> None:
        """Let the worker end its step, and end it."""
        if self.worker:
            self.worker.stop(seconds=WORKER_STOP_SECONDS)
            self.worker = None

    def kill_worker(self) -> None:
        """End the worker and its whole cluster with SIGKILL."""
        if self.worker:
            self.worker.kill()
            self.worker = None

    def running(self) -> tuple[Process, ...]:
        """The processes that should be alive."""
        return tuple(process for process in (self.web, self.worker) if process)

    def mails(self) -> list[Mail]:
        """What has been sent by e-mail, oldest first."""
        return mails_in(self.mail_folder)

    def close(self) -> None:
        """End every process; nothing else is removed."""
        if self.standin:
            # A worker must not wait for an answer that a fault holds back.
            self.standin.clear_faults()
        self.stop_worker()
        if self.web:
            self.web.stop()
            self.web = None
        if self.standin:
            self.standin.stop()
            self.standin = None
        self.socket.close()

    def _start(
        self,
        name: str,
        command: list[str],
        *,
        log: str,
        pass_fds: tuple[int, ...] = (),
        variables: Mapping[str, str] | None = None,
    ) -> Process:
        return Process(
            name,
            command,
            environment={**self.environment(), **(variables or {})},
            folder=ROOT,
            log=self.plan.folder / log,
            pass_fds=pass_fds,
        )


def _listen(port: int) -> socket.socket:
    """A listening socket on loopback. Held by us, so that its port stays ours while the server restarts."""
    opened = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        opened.bind(("127.0.0.1", port))
    except OSError as error:
        opened.close()
        raise PortTaken(f"The port {port} is taken. Choose another one.") from error
    opened.listen(LISTEN_BACKLOG)
    return opened
