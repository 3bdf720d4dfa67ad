"""The database is put back to a backup, while Stripe has all that was done since."""

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from tests.flows.installation import House, next_second

DATABASE = "stripeflow.sqlite3"
BACKUP = "backup.sqlite3"


def pause(house):
    """End everything that has the database open."""
    house.standin.wait_for_deliveries()
    house.stop_worker()
    house.web.stop()
    house.web = None


def keep(house):
    """Make a backup; returns when."""
    pause(house)
    shutil.copy(house.plan.folder / DATABASE, house.plan.folder / BACKUP)
    made = datetime.now(UTC)
    house.start_web()
    house.start_worker()
    next_second()
    return made


def put_back(house):
    """The database is lost, and the backup takes its place."""
    pause(house)
    shutil.copy(house.plan.folder / BACKUP, house.plan.folder / DATABASE)


def tagging(tier):
    """A document: whoever pays gets that tier."""
    tag = {
        "key": "tag",
        "type": "action",
        "name": "",
        "action": "stripe.customers.update",
        "inputs": {"customer": "{{ trigger.customer }}", "metadata": [{"key": "Tier", "value": tier}]},
        "on_error": "stop",
    }
    everybody = {"match": "all", "conditions": []}
    paid = {"type": "stripe_event", "event_type": "payment_intent.succeeded", "conditions": everybody}
    return {"format": 1, "name": "Tag", "description": "", "trigger": paid, "steps": [tag]}


@dataclass
class Story:
    """What was there before the backup took the database's place, and after it."""

    house: House
    before: dict
    effects: list
    after: dict


@pytest.fixture(scope="module", params=["restored"])
def story(request, tmp_path_factory):
    """One story for all tests here; its name keeps them in one process: see tests/conftest.py."""
    with House.build(tmp_path_factory.mktemp(request.param)) as house:
        yield tell(house)


def tell(house):
    workflows = {
        "refund": house.activate_template("fraud_warnings"),
        "mail": house.activate_template("personalize_orders"),
        "tag": house.activate_document(tagging("VIP")),
        "edited": house.activate_document(tagging("Silver")),
    }
    made = keep(house)
    house.api.replace(f"workflows/{workflows['edited']}/", tagging("Gold"))
    house.api.activate(workflows["edited"])
    next_second()
    warned, paid = house.warn(1_499)["event"]["id"], house.pay(200_001)["event"]["id"]
    started = {name: (warned if name == "refund" else paid, pk) for name, pk in workflows.items()}
    before = {name: house.wait_for_run(*pair) for name, pair in started.items()}
    house.wait_for_end()
    effects = house.standin.effects()

    put_back(house)
    house.manage("stripeflow_restored", f"--at={made.isoformat()}")
    house.manage("stripeflow_switch", "start")
    # The recipe for fraud warnings may end in an e-mail, so a person has to look at it as well.
    house.manage("stripeflow_run", "release", before["refund"]["id"])
    house.start_web()
    house.start_worker()
    after = {name: house.wait_for_run(*pair) for name, pair in started.items() if name != "mail"}
    [mailing] = house.runs(*started["mail"])
    return Story(house, before, effects, {**after, "mail": mailing})


def test_what_was_done_since_the_backup_is_not_done_again(story):
    assert story.house.standin.effects() == story.effects


def test_each_event_starts_the_run_that_it_started_before(story):
    ids = [{name: run["id"] for name, run in runs.items()} for runs in (story.before, story.after)]
    assert ids[0] == ids[1]


@pytest.mark.parametrize("name", ["refund", "tag"])
def test_calls_with_a_key_come_to_their_end(story, name):
    assert story.after[name]["status"] == "succeeded"


def test_an_e_mail_waits_for_a_person(story):
    mailing = story.after["mail"]
    assert (mailing["status"], mailing["held_reason"]) == ("held", "restored")
    assert len(story.house.mails_of(mailing)) == 1


def test_a_workflow_that_was_edited_since_asks_and_does_no_more(story):
    run = story.after["edited"]
    assert (run["status"], run["error"]["code"]) == ("outcome_unknown", "idempotency_mismatch")
