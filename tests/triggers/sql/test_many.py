"""Several rows at once are what one after the other would be, with and without compiled statements."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from stripeflow.actions import registry
from stripeflow.triggers.models import IDENTITY, Event, MirrorSlot
from stripeflow.triggers.sql import Slot, Statement, insert_all, insert_all_together
from stripeflow.workflows.models import Run, WorkflowVersion
from stripeflow.workflows.operations import lifecycle
from tests.triggers.sql.test_statement import columns_of, event
from tests.workflows.documents import action, document
from tests.workflows.recording import Recorder, recording_action

pytestmark = pytest.mark.django_db

STRANGE = {
    "text": "“%s” \\ ' \ufffd \U0001f600",
    "large": 10**30,
    "float": 0.1,
    "none": None,
    "list": [[], {}],
}


@pytest.fixture(params=[True, False], ids=["compiled", "plain"])
def _both_ways(request, settings):
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "COMPILED_SQL": request.param}


@pytest.fixture
def version():
    with registry.temporarily(recording_action(Recorder())):
        lifecycle.activate(lifecycle.create(document(action("one", text="a"))))
    return WorkflowVersion.objects.get()


def run_of(one, version):
    return Run.of(one, workflow_id=version.workflow_id, version=version, explanation=STRANGE)


def store(pairs, **options):
    return insert_all_together(pairs, link="event", unique=IDENTITY, **options)


@pytest.mark.usefixtures("_both_ways")
def test_each_row_is_as_the_orm_would_have_saved_it(version):
    ours = [event(f"evt_{number}", stored_payload=STRANGE, raw_body="é\n\\") for number in range(3)]
    theirs = event("evt_theirs", stored_payload=STRANGE, raw_body="é\n\\")
    theirs.save(force_insert=True)
    assert store([(one, []) for one in ours]) == [(one, []) for one in ours]
    others = columns_of(theirs.pk)
    for one in ours:
        mine = columns_of(one.pk)
        differing = {name for name in mine if mine[name] != others[name]}
        assert differing <= {"id", "external_id", "received_at", "mirror_due_at", "match_due_at"}
        assert mine["received_at"] == one.received_at


@pytest.mark.usefixtures("_both_ways")
def test_the_others_name_the_row_of_their_pair(version):
    ours = [event(f"evt_{number}") for number in range(3)]
    pairs = [(one, [run_of(one, version)] * (place != 1)) for place, one in enumerate(ours)]
    store(pairs)
    assert set(Run.objects.values_list("event_id", "id")) == {
        (one.pk, run.pk) for one, runs in pairs for run in runs
    }
    assert Run.objects.filter(explanation=STRANGE).count() == 2
    assert pairs[0][1][0].event_id == ours[0].pk


@pytest.mark.usefixtures("_both_ways")
def test_a_row_that_is_there_is_left_out_with_those_that_name_it(version):
    event("evt_1").save()
    new, copy = event("evt_0"), event("evt_1")
    stored = store([(copy, [run_of(copy, version)]), (new, [run_of(new, version)])])
    assert [one for one, _runs in stored] == [new]
    assert list(Run.objects.values_list("event_id", flat=True)) == [new.pk]


@pytest.mark.usefixtures("_both_ways")
def test_nothing_is_inserted_if_a_query_finds_something(version):
    found = Statement(
        lambda: WorkflowVersion.objects.filter(pk=Slot(WorkflowVersion, "pk")).values_list("pk")
    )
    assert store([(event(), [])], unless=[found.bound(pk=version.pk)]) == []
    assert not Event.objects.exists()
    assert len(store([(event(), [])], unless=[found.bound(pk=0)])) == 1


def test_another_constraint_takes_all_of_them_back():
    with pytest.raises(IntegrityError), transaction.atomic():
        store([(event("evt_1"), []), (event("evt_2", account=None), [])])
    assert not Event.objects.exists()


@pytest.mark.usefixtures("_both_ways")
def test_rows_without_others_are_inserted():
    insert_all([MirrorSlot(number=901), MirrorSlot(number=902)])
    assert MirrorSlot.objects.filter(number__gt=900).count() == 2


@pytest.mark.postgresql
def test_any_number_of_pairs_is_one_statement(version):
    with CaptureQueriesContext(connection) as captured:
        store([(one, [run_of(one, version)]) for one in map(event, ("evt_1", "evt_2", "evt_3"))])
    assert len(captured) == 1
