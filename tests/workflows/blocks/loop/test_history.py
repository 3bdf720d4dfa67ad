"""How people and programs see the items of a loop, and what they do with those that failed."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from stripeflow.actions import errors
from stripeflow.workflows.api.shapes.runs import LoopShape
from stripeflow.workflows.audit.acts import NOBODY
from stripeflow.workflows.definition.validation import validate
from stripeflow.workflows.engine import loop_items
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.history.items import loops_outside_loops
from stripeflow.workflows.history.page import RunPage
from stripeflow.workflows.history.retry_preview import retry_preview
from stripeflow.workflows.maintenance import retention
from stripeflow.workflows.models import LoopItem, Run, StepRun
from stripeflow.workflows.models.loop import without_keys
from stripeflow.workflows.operations import lifecycle, on_runs
from stripeflow.workflows.rehearsal.drafts import script_of
from stripeflow.workflows.rehearsal.trials import rehearse_sample
from tests.workflows.admin.addresses import address
from tests.workflows.admin.conftest import *  # noqa: F403  the clients of its fixtures
from tests.workflows.api.conftest import ALL, Api
from tests.workflows.blocks.loop.steps import charge, charges, holding, loop
from tests.workflows.documents import action, document

pytestmark = pytest.mark.django_db

NOTE = action("note", text="{{ item.id }}")
NO = errors.PermanentError("No.")


@pytest.fixture
def failed(finish, recorder):
    recorder.then(dict, NO)
    return finish(loop(NOTE, if_item_fails="fail_at_end"), obj=holding(*charges(3)))


@pytest.fixture
def api(user_with, settings):
    settings.ROOT_URLCONF = "tests.workflows.api.urls"
    return Api(user_with(*ALL, username="program"))


def test_the_page_shows_the_first_failed_item_and_any_other_that_is_chosen(client_with, failed):
    client = client_with("view_workflow", "view_run", "view_payload", "change_run")
    page = client.get(address(failed)).content.decode()
    assert "Item 2 of 3" in page
    assert "1 of 3 items failed (limit 0)." in page
    assert "A retry takes 1 items that failed and 0 that had not begun. 2 are done" in page
    third = LoopItem.objects.get(key="ch_2")
    other = client.get(address(failed) + f"?item={third.pk}").content.decode()
    assert "Item 3 of 3" in other
    listed = client.get(f"/admin/stripeflow_workflows/run/{failed.pk}/items/{third.loop_id}/?status=failed")
    assert "ch_1" in listed.content.decode()
    assert "ch_2" not in listed.content.decode()


@pytest.mark.parametrize(("canceled", "label"), [(False, "Ended with the run"), (True, "Canceled")])
def test_a_loop_that_a_run_left_behind_is_not_in_progress(
    client_with, start, recorder, shelf, canceled, label
):
    end = {"key": "stop", "type": "stop", "name": "", "inputs": {"result": "succeeded", "reason": "Enough."}}
    over = loop(NOTE, *([] if canceled else [end]), over="{{ steps.all.data }}", pages="all")
    run = start(action("all", "test.pages", limit=2), over)
    recorder.then(*([lambda: on_runs.cancel(run, NOBODY) or {}] if canceled else []))
    execute(run.pk)
    run.refresh_from_db()
    assert RunPage(run, payloads=True).path.steps["each"].status_label == label
    page = client_with("view_workflow", "view_run").get(address(run)).content.decode()
    assert "0 succeeded, 0 failed, 2 not finished." in page
    # The item at which it stood.
    assert "Item 1 of 2" in page
    assert "The list has more pages, which were not read." in page
    assert "In progress" not in page
    assert "still to come" not in page.lower()


def test_the_page_says_how_many_pages_of_the_list_were_read(client_with, finish, shelf):
    shelf.then = [None, None, errors.TransientError("Busy.")]
    run = finish(action("all", "test.pages", limit=2), loop(NOTE, over="{{ steps.all.data }}", pages="all"))
    page = client_with("view_workflow", "view_run").get(address(run)).content.decode()
    assert "2 pages of the list were read." in page
    assert "The next one was asked for 1 time without an answer." in page
    loops = LoopShape(loops_outside_loops(run), many=True).data
    assert [(one["pages"], one["is_complete"]) for one in loops] == [(2, False)]


def test_the_api_lists_the_items_and_what_a_retry_would_take(api, failed):
    found = api.get(f"runs/{failed.pk}/items/?status=failed").json()["results"]
    assert [(one["key"], one["error"]["message"]) for one in found] == [("ch_1", "No.")]
    one = api.get(f"runs/{failed.pk}/items/{found[0]['id']}/").json()
    assert (one["value"], [step["path"] for step in one["steps"]]) == (charge(1), ["each/ch_1/note"])
    preview = api.get(f"runs/{failed.pk}/retry-preview/").json()
    assert [preview[name] for name in ("step", "failed", "pending", "succeeded", "moving_steps")] == [
        "each",
        1,
        0,
        2,
        0,
    ]


@pytest.mark.parametrize(
    ("key", "inputs", "moving"),
    [
        ("stripe.refunds.create", {}, 2),
        ("stripe.payment_intents.capture", {}, 2),
        ("stripe.payment_intents.retrieve", {}, 0),
        ("stripe.raw", {"method": "post", "path": "/v1/payouts"}, 2),
        ("stripe.raw", {"method": "get", "path": "/v1/payouts/{po_1}"}, 0),
        ("gone.away", {}, 2),
    ],
)
def test_steps_that_moved_money_are_counted_whatever_made_their_action(failed, key, inputs, moving):
    failed.steps.filter(status="succeeded").update(action=key, inputs=inputs)
    preview = retry_preview(failed)
    assert (preview.moving_steps, "moved money so far: 2" in " ".join(preview.lines)) == (moving, moving == 2)


def test_ids_of_items_are_values_of_a_payload(client_with, user_with, failed, settings):
    """Neither shown nor found by people who may not see payloads, in the path of a step or elsewhere."""
    item = LoopItem.objects.get(key="ch_1")
    client, pages = client_with("view_workflow", "view_run"), f"/admin/stripeflow_workflows/run/{failed.pk}/"
    for page in (f"change/?item={item.pk}", f"items/{item.loop_id}/", f"items/{item.loop_id}/?q=ch_1"):
        shown = client.get(pages + page).content.decode()
        assert "ch_1" not in shown
    # A search would tell by what it finds.
    assert shown.count("?item=") == 3
    settings.ROOT_URLCONF = "tests.workflows.api.urls"
    blind = Api(user_with("view_run", username="blind"))
    listed = blind.get(f"runs/{failed.pk}/items/")
    one = blind.get(f"runs/{failed.pk}/items/{item.pk}/")
    run = blind.get(f"runs/{failed.pk}/")
    assert "ch_" not in (listed.content + one.content + run.content).decode()
    assert (one.json()["object_id"], one.json()["key"]) == (None, None)
    assert [step["path"] for step in one.json()["steps"]] == ["each/…/note"]
    assert blind.get(f"runs/{failed.pk}/items/?object_id=ch_1").status_code == 403


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("note", "note"),
        ("each/ch_1/note", "each/…/note"),
        ("each/7/note", "each/7/note"),
        ("each/ch_1/inner/id-ab/note", "each/…/inner/…/note"),
        ("", ""),
    ],
)
def test_a_path_without_keys(path, shown):
    assert without_keys(path) == shown


def test_the_command_says_what_a_retry_would_take_and_changes_nothing(failed):
    out = StringIO()
    call_command("stripeflow_run", "retry", str(failed.pk), "--preview", stdout=out)
    assert "A retry takes 1 items that failed" in out.getvalue()
    failed.refresh_from_db()
    assert failed.status == "failed"


def test_old_items_lose_their_values_and_what_errors_say(failed):
    Run.objects.update(finished_at=timezone.now() - timedelta(days=400))
    Run.objects.update(created_at=timezone.now() - timedelta(days=400))
    retention.prune(older_than=timedelta(days=100))
    assert set(LoopItem.objects.values_list("value", flat=True)) == {None}
    assert "No." not in str(LoopItem.objects.get(key="ch_1").error)


def test_a_page_and_a_claim_read_as_much_of_many_items_as_of_few(
    start, recorder, django_assert_max_num_queries, monkeypatch
):
    from stripeflow.workflows.engine.execution import execute

    monkeypatch.setattr(loop_items, "_AHEAD", 5)
    run = start(loop(NOTE), obj=holding(*charges(30)))
    most = []
    load = StepRun.from_db.__func__

    def counted(cls, *arguments):
        most.append(1)
        return load(cls, *arguments)

    Run.objects.filter(pk=run.pk).update(claims=1)
    monkeypatch.setattr(StepRun, "from_db", classmethod(counted))
    execute(run.pk)
    assert len(most) <= 2
    with django_assert_max_num_queries(14):
        assert RunPage(Run.objects.get(pk=run.pk), payloads=True).outline
    assert len(most) <= 5


def test_a_dry_run_walks_the_items_and_says_how_many(recorder):
    steps = document(loop(NOTE, over="{{ trigger.lines }}"), event_type="invoice.paid")
    trial = rehearse_sample(script_of(lifecycle.create(steps)))
    [step] = trial.found.steps
    assert step.note.startswith("The list has ")
    assert step.lanes[0].steps[0].inputs["text"]


def test_item_is_known_by_the_catalogue_where_the_list_is(recorder):
    def problems(text, over):
        body = action("note", text=text)
        checked = validate(document(loop(body, over=over), event_type="invoice.paid"))
        return [(one.code, one.is_warning) for one in checked.problems]

    for over in ("{{ trigger.lines }}", "{{ trigger.lines.data }}"):
        assert problems("{{ item.amount | money }}", over) == []
        assert ("unknown_reference", True) in problems("{{ item.nowhere }}", over)
    assert ("not_a_list", False) in problems("a", "{{ trigger.metadata }}")
    assert ("unknown_reference", False) in [
        (one.code, one.is_warning)
        for one in validate(document(action("note", text="{{ item.id }}"))).problems
    ]
