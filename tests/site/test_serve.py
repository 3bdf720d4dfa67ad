"""`make serve`, twice in the same folder."""

import http.client
import os
import re
import signal
import subprocess
import sys
from urllib.parse import urlsplit

import psutil
import pytest

from stripeflow_site.local.installation import INHERITED, ROOT
from stripeflow_site.local.processes import descendants, wait_until
from stripeflow_site.standin.driver import Standin

WELCOME = "StripeFlow is running"


@pytest.fixture
def serve(tmp_path):
    """Starts it on free ports, and waits for its welcome; returns the process and what it has printed."""
    started = []

    def serve():
        log = tmp_path / f"printed-{len(started)}"
        command = [sys.executable, "-m", "stripeflow_site.serve", f"--folder={tmp_path / 'var'}"]
        command += ["--port=0", "--standin-port=0", "--settings=tests.settings_nomigrations"]
        with log.open("w") as output:
            process = subprocess.Popen(
                command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
            )
        started.append(process)
        wait_until(lambda: WELCOME in log.read_text() or process.poll() is not None, what=WELCOME, seconds=90)
        return process, log.read_text()

    yield serve
    for process in started:
        process.terminate()
        process.wait(timeout=90)


def shown(label, text):
    """What is printed beside a label."""
    return re.search(rf"^ +{label} +(\S+)", text, re.MULTILINE)[1]


def status_of(url):
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=20)
    connection.request("GET", urlsplit(url).path)
    answer = connection.getresponse()
    connection.close()
    return answer.status


def mails(folder):
    return list((folder / "var" / "mail").glob("*.log"))


def served_number(text, of):
    """What `manage.py` counts, started as the welcome says."""
    words = re.search(r"^ +Commands +(.+) …$", text, re.MULTILINE)[1].split()
    settings, command = words[0].partition("=")[2], words[1:]
    inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
    models = (
        "djstripe.models import APIKey",
        "stripeflow.triggers.models import Event",
        "stripeflow.workflows.models import Run",
    )
    imports = "; ".join(f"from {one}" for one in models)
    counted = f"{imports}; print('found:', {of}.count())"
    done = subprocess.run(
        [*command, "shell", "-c", counted],
        cwd=ROOT,
        env={**inherited, "STRIPEFLOW_ENV_FILE": settings},
        capture_output=True,
        text=True,
        check=True,
    )
    return int(re.search(r"found: (\d+)", done.stdout)[1])


def test_serve_runs_what_the_page_of_samples_sends(serve, tmp_path):
    process, text = serve()
    assert status_of(shown("Admin", text)) == 302
    assert status_of(shown("Sample events", text)) == 200
    Standin(shown("Sample events", text)).payment(100_001, customer="new")
    wait_until(lambda: len(mails(tmp_path)) == 2, what="Two e-mails", seconds=60)
    assert served_number(text, "Run.objects") == 2
    mirrored = "Event.objects.filter(mirror_state='done')"
    wait_until(lambda: served_number(text, mirrored), what="A mirrored event", seconds=60)
    assert served_number(text, "APIKey.objects") == 1
    secrets = secrets_of(tmp_path / "var")
    family = descendants(process.pid)
    os.killpg(process.pid, signal.SIGINT)  # as Ctrl-C in a terminal does
    assert process.wait(timeout=90) == 0
    assert not any(map(psutil.pid_exists, family))
    assert len(secrets) == 5
    assert kept_beside(tmp_path / "var", secrets) == []
    assert [path for path in files(tmp_path / "var") if path.stat().st_mode & 0o077] == []
    assert (tmp_path / "var").stat().st_mode & 0o077 == 0


def secrets_of(folder):
    """Each secret of the installation, with the file that is its own place; None for the environment."""
    own = [folder / name for name in ("secret_key", "secrets_key", "demo_password")]
    served = dict(line.split("=", 1) for line in (folder / "serve.env").read_text().splitlines())
    kept = {path.read_text(): path for path in own}
    return {**kept, served["STRIPE_WEBHOOK_SECRET"]: None, served["STRIPE_TEST_SECRET_KEY"]: None}


def kept_beside(folder, secrets):
    """The files that hold one of the secrets, besides its own."""
    return [
        path
        for path in files(folder)
        for secret, own in secrets.items()
        if path != own and secret.encode() in path.read_bytes()
    ]


def files(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def test_second_start_goes_on_with_the_same_password(serve, tmp_path):
    first, before = serve()
    first.send_signal(signal.SIGTERM)
    assert first.wait(timeout=90) == 0
    _second, after = serve()
    password = re.compile(r"password (\S+)")
    assert password.search(before)[1] == password.search(after)[1]
    assert (tmp_path / "var" / "demo_password").read_text() == password.search(after)[1]


def test_folder_that_is_served_is_not_served_twice(serve, tmp_path):
    first, _text = serve()
    second, said = serve()
    assert second.wait(timeout=60) == 1
    assert f"by process {first.pid}" in said
    assert "FOLDER=" in said


def test_taken_port_is_reported(serve, tmp_path):
    _process, text = serve()
    taken = urlsplit(shown("Admin", text)).port
    command = [
        sys.executable,
        "-m",
        "stripeflow_site.serve",
        f"--port={taken}",
        f"--folder={tmp_path / 'other'}",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert f"The port {taken} is taken." in done.stdout
