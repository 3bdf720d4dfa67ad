"""No row, log line, e-mail or message of the queue holds a secret that an exception held."""

import logging
import traceback

import pytest
from django.apps import apps
from django.db import DatabaseError, connection
from django.utils import timezone

from stripeflow.actions import errors, registry
from stripeflow.actions.look_up import Unclear
from stripeflow.triggers import fetching, inbox, known_secrets, mirror, mirrored_objects
from stripeflow.triggers import tasks as trigger_tasks
from stripeflow.triggers.log_redaction import RedactingFilter
from stripeflow.triggers.models import Event
from stripeflow.workflows import tasks
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.liveness import heartbeat
from stripeflow.workflows.management.commands import stripeflow_worker
from stripeflow.workflows.matching import starting
from stripeflow.workflows.models import Run, Workflow
from stripeflow.workflows.monitoring.health import check_all
from stripeflow.workflows.operations import lifecycle
from stripeflow.workflows.signals import run_failed
from tests.workflows.documents import action, document
from tests.workflows.events import accept, payment
from tests.workflows.recording import recording_action

pytestmark = pytest.mark.django_db

SECRETS = {
    "form": "sk_org_test_LEAKEDsecretKEY123",
    "restricted": "rk_live_LEAKEDrestricted",
    "signing": "whsec_LEAKEDsigning",
    "token": "sflow_LEAKEDtoken",
    "bearer": "LEAKEDbearer.token",
    "configured": "'LEAKED quoted-key",
    "secret_key": "LEAKED-secret-key-of-django",
    "database": "LEAKEDdatabase",
    "redis": "LEAKEDredis",
}
SAID = (
    "Invalid API key: '{form}' {restricted} {signing} {token} Bearer {bearer} {configured!r} {secret_key} "
    "postgres://me:{database}@db/x redis://:{redis}@cache"
).format(**SECRETS)


@pytest.fixture(autouse=True)
def _configured(settings):
    settings.STRIPE_TEST_SECRET_KEY = SECRETS["configured"]
    settings.SECRET_KEY = SECRETS["secret_key"]
    yield
    known_secrets.forget()


@pytest.fixture
def lines():
    """What a handler with the site's filter and formatter writes."""
    from stripeflow.workflows.monitoring.log_lines import KeyValueFormatter

    class Kept(logging.Handler):
        lines = []

        def emit(self, record):
            self.lines.append(self.format(record))

    handler = Kept()
    handler.lines = []
    handler.setFormatter(KeyValueFormatter("%(message)s"))
    handler.addFilter(RedactingFilter())
    root = logging.getLogger()
    root.addHandler(handler)
    yield handler.lines
    root.removeHandler(handler)


def raising(*args, **kwargs):
    raise RuntimeError(SAID) from ValueError(SAID)


def receive(sender, run, **kwargs):
    raise RuntimeError(SAID)


def pending(monkeypatch, **columns):
    event = accept(payment())
    Event.objects.filter(pk=event.pk).update(matched_at=None, match_due_at=timezone.now(), **columns)
    return event


def mirrors(monkeypatch, start):
    event = pending(monkeypatch, mirror_state="pending", mirror_due_at=timezone.now())
    monkeypatch.setattr(mirrored_objects, "save", raising)
    mirror.mirror(event.pk)
    event.refresh_from_db()
    assert event.mirror_error.startswith("RuntimeError: Invalid API key: ")


def mirrors_with_a_key_that_djstripe_does_not_know(monkeypatch, start):
    event = pending(monkeypatch, mirror_state="pending", mirror_due_at=timezone.now())
    mirror.mirror(event.pk)
    event.refresh_from_db()
    assert event.mirror_error


def fetches(monkeypatch, start):
    event = pending(monkeypatch, fetch_state="pending")
    monkeypatch.setattr(fetching, "_read", raising)
    fetching.fetch(event.pk)
    event.refresh_from_db()
    assert event.match_error.startswith("RuntimeError: Invalid API key: ")


def matches(monkeypatch, start):
    with inbox.temporary_handler(raising):
        event = accept(payment())
    assert event.match_error.startswith("RuntimeError: Invalid API key: ")


def evaluates(monkeypatch, start):
    lifecycle.activate(lifecycle.create(document(action("one", text="a"))))
    monkeypatch.setattr(starting, "evaluate_trigger", raising)
    accept(payment())
    assert Run.objects.get().error["code"] == "conditions_crashed"


def ends_in(error):
    def act(monkeypatch, start):
        run = start(action("one", "test.failing", text="a"))
        start.then(error)
        execute(run.pk)
        step = run.steps.get()
        assert step.error["code"]
        # What is not secret stays.
        assert "crashed" in step.error["code"] or "Invalid API key" in step.error["message"]

    return act


def looks_up(monkeypatch, start):
    run = start(action("one", "test.failing", text="a"))
    start.then(errors.ReplayedError("The same again."))
    for _time in range(2):
        execute(run.pk)
        Run.objects.update(due_at=timezone.now())
    assert run.steps.get().status == "outcome_unknown"


def alerts(monkeypatch, start):
    run = start(action("one", "test.failing", text="a"))
    Workflow.objects.update(name=f"Named {SAID}"[:200])
    start.then(errors.PermanentError("No."))
    run_failed.connect(receive)
    try:
        execute(run.pk)
    finally:
        run_failed.disconnect(receive)
    # A name is a person's own text; it is not for the row to lose, and not for the mail to tell.
    Workflow.objects.update(name="Named")


def beats(monkeypatch, start):
    monkeypatch.setattr(heartbeat, "write", raising)
    heartbeat.Heartbeat().tick()


def watches(monkeypatch, start):
    class Cluster:
        keep_alive = raising

    stripeflow_worker._keep_alive(Cluster())


def asks_health(monkeypatch, start):
    def fail():
        raise DatabaseError(SAID)

    monkeypatch.setattr("stripeflow.workflows.monitoring.health._database", fail)
    assert not check_all()[0].ok


def fails_a_task(task, door):
    def act(monkeypatch, start):
        monkeypatch.setattr(door, raising)
        try:
            task("01890000-0000-7000-8000-000000000000")
        except Exception as error:  # noqa: BLE001  what django-q2 keeps of it, in its own words
            start.kept.append(f"{error} : {traceback.format_exc()}")
        assert "RuntimeError" in start.kept[0]

    return act


SEAMS = {
    "mirror": mirrors,
    "unknown key": mirrors_with_a_key_that_djstripe_does_not_know,
    "fetch": fetches,
    "match": matches,
    "conditions": evaluates,
    "crash": ends_in(RuntimeError(SAID)),
    "permanent": ends_in(errors.PermanentError(SAID, details={SAID: [SAID]})),
    "refused key": ends_in(errors.AuthenticationFailed(SAID)),
    "transient": ends_in(errors.TransientError(SAID, details={"a": SAID})),
    "unanswered": ends_in(errors.UnknownOutcome(SAID, details={"a": {"b": SAID}})),
    "odd details": ends_in(errors.PermanentError(SAID, details={"a": RuntimeError(SAID)})),
    "look-up": looks_up,
    "alert": alerts,
    "heartbeat": beats,
    "worker": watches,
    "health": asks_health,
    "mirror task": fails_a_task(trigger_tasks.mirror, "stripeflow.triggers.mirror.work"),
    "run task": fails_a_task(tasks.execute, "stripeflow.workflows.worker.draining.work"),
    "alert task": fails_a_task(tasks.alert, "stripeflow.workflows.alerts.runs.run_ended"),
    "reconcile task": fails_a_task(tasks.reconcile, "stripeflow.workflows.worker.reconciling.work"),
}


@pytest.fixture
def failing(start, recorder):
    """Starts runs of an action that fails as it is told to, and whose look-up tells a secret."""
    kind = recording_action(recorder, key="test.failing")
    kind.look_up = lambda _self, inputs, context: Unclear(SAID)
    start.then, start.kept = recorder.then, []
    with registry.temporarily(kind):
        yield start


@pytest.mark.parametrize("seam", SEAMS)
def test_no_seam_keeps_logs_or_sends_a_secret(seam, failing, lines, monkeypatch, mailoutbox, settings):
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "ALERT_RECIPIENTS": ["team@example.org"]}
    SEAMS[seam](monkeypatch, failing)
    sent = [f"{mail.subject}\n{mail.body}" for mail in mailoutbox]
    kept = "\n".join([*stored(), *lines, *sent, *failing.kept])
    assert [name for name, secret in SECRETS.items() if secret.strip("' ") in kept] == []


def stored():
    """Every row of every table, as text."""
    for model in apps.get_models():
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(model._meta.db_table)}")
            yield from map(str, cursor.fetchall())
