"""What a person may send to each address: bodies of the API, and the fields of pages."""

from tests.workflows.documents import action, document

# Runs that what is sent is about, by name.
SOME = ("not found", "undecided", "nobody knows", "conditions")


def bodies(world, url):
    """What is sent to each address of the API, by its name; a new one has to be added."""
    workflow, event = world.runs["it works"].workflow_id, world.event.external_id
    run = next((run for run in world.runs.values() if str(run.pk) in url), world.runs["undecided"])
    seen = [{"id": str(run.pk), "revision": run.revision} for run in map(world.runs.get, SOME)]
    drawn = document(action("one", text="{{ trigger.description }}"))
    nothing = dict.fromkeys(
        (
            *(f"workflow-{name}" for name in ("activate", "deactivate", "archive", "restore", "duplicate")),
            *(f"workflow-{name}" for name in ("pause", "resume")),
            *(f"run-{name}" for name in ("cancel", "retry", "release", "wake", "restart", "rerun")),
            *(f"event-destination-{name}" for name in ("enable", "disable", "ping")),
            "delivery-send-again",
            "disconnected-account-reconnect",
            "template-workflows",
        ),
        {},
    )
    return nothing | {
        "workflows": drawn,
        "validate": drawn,
        "workflow-invoke": {"inputs": {"charge": "ch_1"}, "note": "A note."},
        "workflow-bulk-preview": {"lines": [{"charge": "ch_1"}]},
        "workflow-bulk-invoke": {"lines": [{"charge": "ch_1"}], "confirm": "1", "note": "A note."},
        "workflow-fill-preview": {"since": "2026-01-01T00:00:00Z", "until": "2026-01-02T00:00:00Z"},
        "workflow-fill": {"version": 1, "times": ["2026-01-01T00:00:00Z"], "confirm": 1},
        "workflow-test": {"event": event, "anyway": True},
        "workflow-backtest": {"days": 7},
        "template-backtest": {"days": 7},
        "template": {"name": "A name"},
        "workflow-template": {"name": "A name", "goal": "keep_customers"},
        "replays": {"workflow": workflow, "events": [event], "again": True},
        "replays-preview": {"workflow": workflow, "events": [event], "again": True},
        "runs-bulk": {"operation": "retry", "ids": [one["id"] for one in seen]},
        "runs-bulk-resolve": {"outcome": "again", "runs": seen},
        "runs-bulk-choose": {"branch": "w", "runs": seen},
        "approvals-bulk-decide": {"verdict": "decline", "approvals": [{"id": 1, "digest": "0" * 64}]},
        "run-resolve": {"outcome": "again", "revision": run.revision},
        "run-choose": {"branch": "w", "revision": run.revision},
        "suppressions": {"address": "joe@example.com"},
        "secrets": {"name": "a_name", "value": "a value"},
        "event-destinations": {
            "title": "A title",
            "url": "https://example.com/",
            "events": ["run.failed"],
        },
        "event-destination": {"title": "A title"},
        "event-destination-rotate": {"at_once": True},
        "connections": {"name": "a_name", "title": "A title", "address": "https://api.example.com"},
        "switch": {"stopped": True, "reason": "A test."},
    }


def forms(world):
    """What is sent to a page: everything that some page asks, and rubbish."""
    run, event = world.runs["undecided"], world.event
    every = {
        "revision": "1",
        "outcome": "again",
        "branch": "w",
        "days": "7",
        "event": event.external_id,
        "ids": event.external_id,
        "workflow": str(run.workflow_id),
        "text": "{{ trigger.description }} {{ trigger.receipt_email | date(trigger.description) }}",
        "name": "A name",
        "again": "on",
        "_selected_action": [str(one.pk) for one in map(world.runs.get, SOME)],
        "action": "retry",
        "seen": [f"{one.pk}:{one.revision}" for one in map(world.runs.get, SOME)],
    }
    return [every, {"revision": "nonsense", "outcome": "nonsense"}]
