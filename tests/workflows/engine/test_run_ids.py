from uuid import UUID

import pytest

from stripeflow.triggers.models import Event, Source
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.engine.run_ids import run_id_for
from stripeflow.workflows.models import Run, Workflow
from stripeflow.workflows.operations import lifecycle, on_runs
from tests.workflows.documents import action, document
from tests.workflows.events import accept, payment

pytestmark = pytest.mark.usefixtures("recorder")


def event(external_id="evt_1", source=Source.STRIPE, **more):
    return Event(source=source, external_id=external_id, **more)


def active(name="First"):
    workflow = lifecycle.create(document(action("one", text="a"), name=name))
    lifecycle.activate(workflow)
    return workflow


def again(given):
    """The event comes once more, to an installation that has forgotten it and all that it started."""
    payload = given.payload
    for run in Run.objects.filter(event=given):
        run.steps.all().delete()
        run.delete()
    given.delete()
    return accept(payload["data"]["object"], id=payload["id"], created=payload["created"])


def test_the_same_workflow_and_event_give_the_same_id():
    assert run_id_for("a", event()) == run_id_for("a", event())


@pytest.mark.parametrize(
    ("seed", "other"),
    [
        ("b", event()),
        ("a", event("evt_2")),
        ("a", event(source=Source.SCHEDULE)),
        ("a", event(account="acct_1")),
        ("a", event(livemode=True)),
        ("a", event(body_digest="d")),
    ],
)
def test_another_workflow_or_event_gives_another_id(seed, other):
    assert run_id_for("a", event()) != run_id_for(seed, other)


def test_an_id_never_changes_with_the_software():
    expected = UUID("dc08daac-c277-52ae-9a36-59c18c5ef5a4")
    assert run_id_for("0" * 32, event()) == expected


@pytest.mark.django_db
def test_matching_gives_the_run_its_old_id_where_it_was_forgotten(queue):
    active()
    first = accept(payment())
    old = Run.objects.get(event=first).pk
    assert Run.objects.get(event=again(first)).pk == old


@pytest.mark.django_db
def test_each_matching_workflow_has_a_run_of_its_own(queue):
    active()
    active("Second")
    assert len(set(Run.objects.filter(event=accept(payment())).values_list("pk", flat=True))) == 2


@pytest.mark.django_db
def test_a_workflow_that_got_an_old_primary_key_shares_nothing(queue):
    first = active()
    old = accept(payment())
    ids = {Run.objects.get(event=old).pk}
    Run.objects.all().delete()
    old.delete()
    Workflow.objects.filter(pk=first.pk).update(run_seed="0" * 32)
    ids.add(Run.objects.get(event=accept(payment(), id=old.external_id)).pk)
    assert len(ids) == 2


@pytest.mark.django_db
def test_a_run_that_a_person_starts_again_has_an_id_of_its_own(queue):
    workflow = active()
    run = Run.objects.get(event=accept(payment()))
    execute(run.pk)
    new = on_runs.rerun(on_runs.get(run.pk), Act())
    assert new.pk != run.pk
    assert new.pk != run_id_for(workflow.run_seed, run.event)


@pytest.mark.django_db
def test_every_workflow_has_a_seed_of_its_own():
    workflow = lifecycle.create(document(name="First"))
    seeds = {workflow.run_seed, lifecycle.duplicate(workflow).run_seed}
    assert len(seeds) == 2
    assert {len(seed) for seed in seeds} == {32}
