"""Templates at work: the stand-in is asked by them, mail goes into the outbox, and the clock is moved."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from stripeflow.workflows.audit.acts import NOBODY
from stripeflow.workflows.awaiting import telling
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.models import Run
from stripeflow.workflows.operations import lifecycle
from stripeflow.workflows.operations.asking import Asked
from stripeflow.workflows.operations.invoking import invoke
from stripeflow.workflows.workflow_templates import template
from tests.actions.conftest import running_standin, standin  # noqa: F401 - fixtures
from tests.workflows.approvals import approver, decide
from tests.workflows.events import accept
from tests.workflows.workflow_templates.objects import emptied, filled


class Office:
    """One template that is active, the people around it, and what it does."""

    def __init__(self, standin, mails):  # noqa: F811
        self.standin, self.mails = standin, mails
        self.now = datetime.now(UTC).replace(microsecond=0)
        self.began = self.now
        self.workflow = None

    # What is set up

    def activate(self, key, **values):
        made = template(key)
        people = {one.name: [one.name] for one in made.parameters if one.kind == "team_members"}
        self.workflow = lifecycle.create(made.document({**people, **values}))
        lifecycle.activate(self.workflow)

    def make(self, kind, is_full, **fields):
        """An object at the stand-in: but for `fields`, what is optional is empty, or all filled in."""
        plain = self.standin.make(kind)
        return self.standin.make(kind, **(filled if is_full else emptied)(plain, **fields))

    # What happens

    def happens(self, event_type, obj, **envelope):
        """The run that the event starts, as far as a worker takes it; None if it starts none."""
        found = accept(obj, type=event_type, created=self.now.timestamp(), **envelope)
        telling.sweep()
        run = Run.objects.filter(event=found, workflow=self.workflow).first()
        return self.at_work(run) if run else None

    def starts(self, **inputs):
        """The run that somebody starts by the form."""
        return self.at_work(invoke(self.workflow, Asked(inputs), NOBODY).run)

    def at_work(self, run):
        execute(run.pk)
        run.refresh_from_db()
        return run

    def later(self, run, **span):
        """The run, once that time has passed."""
        self.now += timedelta(**span)
        return self.at_work(run)

    def decided(self, run, verdict="approve"):
        decide(run, self.anna, verdict)
        return self.at_work(run)

    # What it did

    def calls(self, *, reads=False):
        """What was asked of Stripe, in its order: method and path."""
        made = [(one["method"], one["path"]) for one in self.standin.requests()]
        return [f"{method} {path}" for method, path in made if reads or method != "GET"]

    def mail(self):
        """To whom and about what each mail was; forgets them."""
        sent = [(*(one.partition("@")[0] for one in mail.to), mail.subject) for mail in self.mails]
        self.last = self.mails[-1].body if sent else ""
        self.mails.clear()
        return sent


@pytest.fixture
def office(standin, mailoutbox, queue, monkeypatch, django_user_model, settings):  # noqa: F811
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "EMAIL_SUBJECT_PREFIX": ""}
    made = Office(standin, mailoutbox)
    monkeypatch.setattr(timezone, "now", lambda: made.now)
    for name in ("recipients", "escalation"):
        django_user_model.objects.create_user(name, f"{name}@example.com", is_staff=True)
    made.anna = approver()
    return made
