"""Runs that wait for an approval, and people who decide."""

from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.audit.origins import Origin
from stripeflow.workflows.models import Approval
from stripeflow.workflows.models.audit import Via
from stripeflow.workflows.operations import deciding
from tests.workflows.people import user_with_role


def approval(*, declined=(), timed_out=(), key="ask", **inputs):
    """The step, with steps in its two lanes."""
    given = {"question": "May {{ trigger.id }} go?", "needed": 1, "amount": 7, "unit": "days", **inputs}
    lanes = [
        {"key": "declined", "name": "", "steps": list(declined)},
        {"key": "timed_out", "name": "", "steps": list(timed_out)},
    ]
    return {"key": key, "type": "approval", "name": "", "inputs": given, "branches": lanes}


def approver(name="anna", **fields):
    """Somebody who may decide, also about money and customers."""
    return user_with_role("approver", "money", "customers", username=name, **fields)


def asked(run):
    """The last approval of the run, with what deciding needs."""
    return deciding.get(Approval.objects.filter(run=run).last().pk)


def act_of(user, note=""):
    return Act(user, note, origin=Origin(via=Via.ADMIN))


def decide(run, user, verdict="approve", note="", *, seen=None):
    found = asked(run)
    return deciding.decide(found, deciding.Verdict(verdict), act_of(user, note), seen=seen or found.digest)


def never(_user):
    """A project's check that lets nobody."""
    return False
