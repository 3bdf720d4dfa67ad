"""An installation that a flow test drives from outside: events in, and what became of them out."""

import threading
import time

from stripeflow_site.local.api import ApiRefused
from stripeflow_site.local.installation import Installation, Plan
from stripeflow_site.local.processes import wait_until

SETTINGS = "tests.flows.settings"
FINAL = ("succeeded", "failed", "canceled", "outcome_unknown")
RUN_SECONDS = 45
# Others would only add mirroring, and the tests would wait behind it.
EVENTS = [
    "payment_intent.succeeded",
    "radar.early_fraud_warning.created",
    "customer.updated",
    "refund.created",
]
RECIPIENTS = ["packer"]


class House(Installation):
    """Everything live, on one database. Between two tests, `clear()` it."""

    @classmethod
    def build(cls, folder, **plan):
        """Set up and start all of it."""
        house = cls(Plan(folder, settings=SETTINGS, **plan))
        try:
            house.manage("stripeflow_tables", "--verbosity=0")
            account = house.start_standin().health()["account"]
            house.seed(f"--account={account}")
            house.standin.set_webhook(enabled_events=EVENTS)
            house.start_web()
            house.start_worker()
        except BaseException:
            house.close()
            raise
        return house

    def clear(self):
        """Leave nothing of the last test that could act on the next one's events."""
        self.standin.clear_faults()
        self.standin.wait_for_deliveries()
        active = self.api.results("workflows/", status="active")
        for workflow in active:
            self.api.post(f"workflows/{workflow['id']}/deactivate/")
        for run in self.unfinished():
            self.cancel(run)
        if active:
            next_second()

    def cancel(self, run):
        """End the run, unless it has ended since it was listed."""
        try:
            self.api.post(f"runs/{run['id']}/cancel/")
        except ApiRefused as refused:
            if refused.status != 409:
                raise

    def unfinished(self):
        return self.api.results("runs/", status=["queued", "running", "waiting", "held"])

    def activate_template(self, key, **parameters):
        """A copy of the template, activated; returns the workflow's id."""
        given = {"recipients": RECIPIENTS, **parameters}
        made = self.api.post(f"templates/{key}/workflows/", {"parameters": given})
        self.api.activate(made["id"])
        return made["id"]

    def activate_document(self, document):
        """A workflow of that document, activated; returns its id."""
        made = self.api.post("workflows/", document)
        self.api.activate(made["id"])
        return made["id"]

    def pay(self, amount, currency="usd", *, customer="new", **fields):
        """A payment whose events are delivered; returns payment_intent, charge and event."""
        made = self.standin.payment(amount, currency, customer=customer, **fields)
        if fields.get("deliver", True):
            self.wait_for_event(made["event"]["id"])
        return made

    def warn(self, amount):
        """A fraud warning on a charge of that amount; returns the warning, its event, and the charge."""
        charge = self.pay(amount)["charge"]
        made = self.standin.fraud_warning(charge["id"])
        self.wait_for_event(made["event"]["id"])
        return {**made, "charge": charge}

    def post_event(self, type, obj, **fields):
        """Any event; returns its id once it is accepted."""
        event = self.standin.event(type, obj, **fields)
        self.wait_for_event(event["id"])
        return event["id"]

    def deliveries_of(self, event_id):
        """How the event was delivered, once no delivery is pending."""
        self.standin.wait_for_deliveries()
        return self.standin.deliveries(event_id)

    def wait_for_event(self, event_id):
        """The event, once it is accepted and compared with the workflows."""

        def matched():
            event = self.api.event(event_id)
            return event if event and event["matched_at"] else None

        return self.wait(matched, what=f"Matching {event_id}")

    def wait_for_run(self, event_id, workflow, *, status=FINAL):
        """The run of the workflow for the event with its steps, once it is in one of those states."""

        def found():
            runs = self.runs(event_id, workflow)
            return runs[0] if runs and runs[0]["status"] in status else None

        return self.wait(found, what=f"The run of workflow {workflow} for {event_id}")

    def wait_for_end(self):
        """Wait until no run has anything left to do."""
        self.wait(lambda: not self.unfinished(), what="The end of every run")

    def wait_for_fault(self, fault, *, seconds=RUN_SECONDS):
        """Wait until a request has met the fault, which strikes once."""
        struck = lambda: fault["id"] not in [on["id"] for on in self.standin.active_faults()]  # noqa: E731
        self.wait(struck, what=f"A request that meets {fault}", seconds=seconds)

    def wait(self, condition, *, what, seconds=RUN_SECONDS):
        return wait_until(condition, what=what, seconds=seconds, alive=self.running())

    def runs(self, event_id, workflow):
        return self.api.runs(event_id=event_id, workflow=workflow)

    def why(self, event_id, workflow):
        """What the workflow made of the event."""
        verdicts = self.api.get(f"events/{event_id}/why/")["verdicts"]
        return next(verdict for verdict in verdicts if verdict["workflow"]["id"] == workflow)

    def mails_of(self, run):
        """What its steps have sent; alerts to the owner have no step."""
        return [mail for mail in self.mails() if mail.run == run["id"] and mail.step]

    def effects_of(self, run):
        """What the run has changed at Stripe, by the ledger."""
        key = f"stripeflow:{run['id']}:"
        return [entry for entry in self.standin.effects() if (entry["idempotency_key"] or "").startswith(key)]


def next_second():
    """Wait for the next full second: Stripe's clock, by which activations are compared, has no finer one."""
    tick = int(time.time()) + 1
    pause = threading.Event()
    while time.time() < tick:
        pause.wait(tick - time.time())


def step_of(run, key):
    """The step run of that key."""
    return next(step for step in run["steps"] if step["key"] == key)
