"""`python -m tests.migrations.record FILE`: what an installation holds after some work, for later migrations.

Run it once, at the state that is to be kept: the file is history then, like a migration.
"""

import json
import sys
import tempfile
from pathlib import Path

from tests.flows.installation import House

APPS = ("auth.user", "stripeflow_actions", "stripeflow_triggers", "stripeflow_workflows")
HELD = "Stocktaking"


def main(path: str) -> None:
    """Work with each template, and write every row of ours to `path`."""
    with tempfile.TemporaryDirectory() as folder, House.build(Path(folder)) as house:
        work(house)
        house.stop_worker()
        rows = json.loads(house.manage("dumpdata", *APPS))
    kept = [_without_secrets(row) for row in rows]
    Path(path).write_text(json.dumps(kept, indent=1, sort_keys=True, ensure_ascii=False) + "\n")


def work(house: House) -> None:
    """Runs down each branch, a refund, a delivery twice, a run that is held, and a workflow that is off."""
    orders, tag, fraud = map(house.activate_template, ("personalize_orders", "tag_customers", "fraud_warnings"))
    for amount in (100_001, 200_001):
        event = house.pay(amount)["event"]["id"]
        for workflow in (orders, tag):
            house.wait_for_run(event, workflow)
    house.standin.deliver(event, times=2)
    house.wait_for_run(house.warn(1_499)["event"]["id"], fraud)
    house.wait_for_run(house.warn(5_000)["event"]["id"], fraud)
    house.api.post(f"workflows/{orders}/pause/", {"reason": HELD})
    house.wait_for_run(house.pay(300_000)["event"]["id"], orders, status=("held",))
    house.api.post(f"workflows/{tag}/deactivate/")
    house.wait(lambda: all(run["status"] == "held" for run in house.unfinished()), what="The end of the rest")


def _without_secrets(row: dict) -> dict:
    """The row without what lets somebody in, and without the machine's name."""
    fields = row["fields"]
    for name, value in (("password", "!"), ("digest", f"{row['pk']:064}" if "digest" in fields else "")):
        if name in fields:
            fields[name] = value
    if row["model"] == "stripeflow_workflows.beat":
        fields["host"] = "host"
        fields["name"] = f"{fields['name'].partition('@')[0]}@host-{row['pk']}"
    return row


if __name__ == "__main__":
    main(sys.argv[1])
