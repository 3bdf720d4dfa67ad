import gc
import sys

import pytest
from django.core.management import CommandError, call_command

from stripeflow.workflows.audit.origins import origin_of_process
from stripeflow.workflows.management.commands import stripeflow_serve


@pytest.fixture(autouse=True)
def garbage_collection():
    """As it is in other tests."""
    yield
    gc.enable()


@pytest.fixture(autouse=True)
def nothing_starts(monkeypatch):
    def refuse(parts):
        raise AssertionError("It has started.")

    monkeypatch.setattr(stripeflow_serve, "Together", refuse)
    monkeypatch.setattr(sys, "argv", ["manage.py", "stripeflow_serve"])


def test_a_wrong_option_of_gunicorn_ends_it_before_anything_is_started(capsys):
    with pytest.raises(SystemExit) as ended:
        call_command("stripeflow_serve", "--", "--no-such-option")
    assert ended.value.code == 2
    assert "--no-such-option" in capsys.readouterr().err
    assert sys.argv == ["manage.py", "stripeflow_serve"]


def test_a_server_that_would_leave_is_refused():
    with pytest.raises(CommandError, match="daemon"):
        call_command("stripeflow_serve", "--", "--daemon", "shop.wsgi")


def test_it_says_that_gunicorn_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "gunicorn.app.wsgiapp", None)
    with pytest.raises(CommandError, match="Install gunicorn"):
        call_command("stripeflow_serve")


def test_the_audit_log_names_the_worker_as_what_it_is(monkeypatch):
    found = []
    monkeypatch.setattr(stripeflow_serve, "call_command", lambda _name: found.append(origin_of_process()))
    stripeflow_serve._work()
    assert found[0].command == "stripeflow_worker"
