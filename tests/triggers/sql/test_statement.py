"""Statements that are compiled once do what the ORM's own do, on SQLite and PostgreSQL alike."""

import json
from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from stripeflow.triggers.models import Event, Source
from stripeflow.triggers.sql import (
    Change,
    Slot,
    Statement,
    insert,
    insert_if,
    insert_together,
    statement,
    update,
    update_both,
    updates,
)

pytestmark = pytest.mark.django_db

CREATED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def event(external_id="evt_1", **columns):
    values = {
        "source": Source.STRIPE,
        "type": "charge.failed",
        "created": CREATED,
        "stored_payload": {"a": [1, None]},
    }
    return Event(external_id=external_id, **{**values, **columns})


def columns_of(pk):
    return Event.objects.filter(pk=pk).values().get()


def test_an_inserted_row_is_as_the_orm_would_have_saved_it():
    ours, theirs = event("evt_1"), event("evt_2")
    insert(ours)
    theirs.save(force_insert=True)
    mine, others = columns_of(ours.pk), columns_of(theirs.pk)
    differing = {name for name in mine if mine[name] != others[name]}
    assert differing <= {"id", "external_id", "received_at", "mirror_due_at", "match_due_at"}
    assert mine["received_at"] == ours.received_at
    assert (ours._state.adding, ours._state.db) == (False, "default")


def test_each_insert_takes_its_own_values():
    insert(event("evt_1", stored_payload={"n": 1}))
    insert(event("evt_2", stored_payload={"n": "%s'"}))
    assert list(Event.objects.order_by("pk").values_list("external_id", "stored_payload")) == [
        ("evt_1", {"n": 1}),
        ("evt_2", {"n": "%s'"}),
    ]


_named = Statement(lambda: Event.objects.filter(external_id=Slot(Event, "external_id")).values_list("pk"))


def named(external_id):
    """The query for an event of this id."""
    return _named.bound(external_id=external_id)


def test_an_insert_meets_the_unique_constraint():
    insert(event())
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(event())


def test_a_row_is_inserted_only_beside_the_one_that_it_asks_for():
    insert(one := event("evt_1"))
    two, three = event("evt_2"), event("evt_3")
    assert insert_if(two, Event, pk=one.pk, external_id="evt_1")
    assert not insert_if(three, Event, pk=one.pk, external_id="evt_9")
    assert columns_of(two.pk)["external_id"] == "evt_2"
    assert three.pk is None
    assert Event.objects.count() == 2


def test_a_conditional_insert_meets_the_unique_constraint():
    insert(one := event())
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_if(event(), Event, pk=one.pk)


def test_a_row_is_not_inserted_if_a_query_finds_something():
    assert insert(event("evt_1"), unless=[named("evt_1"), named("evt_%s")])
    assert not insert(two := event("evt_2"), unless=[named("evt_0"), named("evt_1")])
    assert two.pk is None
    assert list(Event.objects.values_list("external_id", flat=True)) == ["evt_1"]


def test_a_row_is_not_inserted_beside_another_if_a_query_finds_something():
    assert insert(one := event("evt_1"))
    unless = [named("evt_0"), named("evt_%s")]
    assert insert_if(event("evt_2"), Event, unless=unless, pk=one.pk, external_id="evt_1")
    assert not insert_if(event("evt_3"), Event, unless=[*unless, named("evt_1")], pk=one.pk)
    assert not insert_if(event("evt_4"), Event, unless=unless, pk=0)
    assert set(Event.objects.values_list("external_id", flat=True)) == {"evt_1", "evt_2"}


def test_a_row_is_not_updated_if_a_query_finds_something():
    assert insert(one := event("evt_1"))
    change = {"where": {"pk": one.pk, "external_id": "evt_1"}, "values": {"type": "changed"}}
    assert update(Event, **change, unless=[named("evt_0"), named("evt_1")]) == 0
    assert columns_of(one.pk)["type"] == one.type
    assert update(Event, **change, unless=[named("evt_0"), named("evt_%s")]) == 1
    assert columns_of(one.pk)["type"] == "changed"


@pytest.mark.parametrize("others", [0, 2])
def test_no_row_is_inserted_with_others_if_a_query_finds_something(others):
    kind = ContentType(app_label="sample", model="thing")
    readers = [Permission(name=f"May read {n}", codename=f"read_{n}") for n in range(others)]
    assert insert(event("evt_1"))
    assert not insert_together(kind, readers, link="content_type", unless=[named("evt_0"), named("evt_1")])
    assert not ContentType.objects.filter(app_label="sample").exists()
    assert insert_together(kind, readers, link="content_type", unless=[named("evt_0"), named("evt_2")])
    assert Permission.objects.filter(content_type=kind).count() == others


def test_rows_that_name_a_new_one_are_inserted_with_it():
    kind = ContentType(app_label="sample", model="thing")
    readers = [Permission(name=f"May read {n}", codename=f"read_%s'{n}") for n in range(3)]
    insert_together(kind, readers, link="content_type")
    found = Permission.objects.filter(content_type__app_label="sample").order_by("name")
    assert list(found.values_list("name", "codename", "content_type_id")) == [
        (f"May read {n}", f"read_%s'{n}", kind.pk) for n in range(3)
    ]
    assert {reader.content_type_id for reader in readers} == {kind.pk}
    assert not any(row._state.adding for row in (kind, *readers))


def test_a_row_may_stand_alone():
    insert_together(one := event(), [], link="event")
    insert_together(two := event("evt_2"), [], link="event")
    assert columns_of(one.pk)["stored_payload"] == {"a": [1, None]}
    assert two.pk != one.pk


@pytest.mark.parametrize("broken", ["first", "other"])
def test_rows_are_inserted_together_or_not_at_all(broken):
    taken = ContentType.objects.get_for_model(Event)
    kind = ContentType(app_label=taken.app_label, model=taken.model if broken == "first" else "thing")
    twins = [Permission(name="Twin", codename="twin") for _ in range(2 if broken == "other" else 1)]
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_together(kind, twins, link="content_type")
    assert not Permission.objects.filter(codename="twin").exists()
    assert not ContentType.objects.filter(model="thing").exists()


def test_an_update_changes_only_what_its_condition_names():
    insert(one := event("evt_1"))
    insert(two := event("evt_2"))
    where = {"pk": one.pk, "external_id": "evt_1"}
    assert update(Event, where=where, values={"stored_payload": {"b": 2}, "matched_at": CREATED}) == 1
    assert update(Event, where={**where, "external_id": "evt_2"}, values={"livemode": True}) == 0
    one.refresh_from_db()
    two.refresh_from_db()
    assert (one.payload, one.matched_at, one.livemode) == ({"b": 2}, CREATED, False)
    assert (two.payload, two.matched_at) == ({"a": [1, None]}, None)


def test_nothing_is_matched_and_written_as_null():
    insert(one := event(matched_at=CREATED))
    where = {"pk": one.pk}
    assert update(Event, where={**where, "matched_at": None}, values={"livemode": True}) == 0
    assert update(Event, where={**where, "matched_at": CREATED}, values={"matched_at": None}) == 1
    assert update(Event, where={**where, "matched_at": None}, values={"livemode": True}) == 1
    assert Event.objects.filter(matched_at__isnull=True, livemode=True).count() == 1


def change(row, **values):
    return Change(Event, {"pk": row.pk, "match_attempts": 0}, values)


def test_two_changes_are_made_together():
    insert(one := event("evt_1"))
    insert(two := event("evt_2"))
    assert update_both(change(one, stored_payload={"n": 1}), change(two, matched_at=CREATED)) == (True, True)
    found = Event.objects.order_by("pk").values_list("stored_payload", "matched_at")
    assert list(found) == [({"n": 1}, None), ({"a": [1, None]}, CREATED)]


def test_the_second_change_needs_the_first_one():
    insert(one := event("evt_1"))
    insert(two := event("evt_2"))
    Event.objects.filter(pk=one.pk).update(match_attempts=1)
    assert update_both(change(one, livemode=True), change(two, livemode=True)) == (False, False)
    assert not Event.objects.filter(livemode=True).exists()


def test_the_first_change_stands_without_the_second_one():
    insert(one := event("evt_1"))
    insert(two := event("evt_2"))
    Event.objects.filter(pk=two.pk).update(match_attempts=1)
    assert update_both(change(one, livemode=True), change(two, livemode=True)) == (True, False)
    assert list(Event.objects.filter(livemode=True).values_list("pk", flat=True)) == [one.pk]


def test_an_update_may_calculate():
    insert(one := event())
    change = Statement(
        lambda: (Event.objects.filter(pk=Slot(Event, "pk")), {"match_attempts": F("match_attempts") + 2})
    )
    assert change.run(pk=one.pk) == 1
    assert change.run(pk=one.pk + 1) == 0
    assert Event.objects.get().match_attempts == 2


def test_a_query_gives_values_as_the_orm_does():
    insert(one := event())
    names = ("pk", "created", "stored_payload", "livemode", "source")
    found = Statement(
        lambda: Event.objects.filter(created__lte=Slot(Event, "created", "now")).values_list(*names)
    )
    assert found.rows(now=CREATED) == list(Event.objects.values_list(*names)) != []
    assert found.rows(now=datetime(2020, 1, 1, tzinfo=UTC)) == []
    assert one.pk == found.rows(now=CREATED)[0][0]


def test_it_is_compiled_once(monkeypatch):
    compiled = []
    monkeypatch.setattr(
        statement,
        "compiled",
        lambda built, compile=statement.compiled: compiled.append(built) or compile(built),
    )
    found = Statement(lambda: Event.objects.filter(pk=Slot(Event, "pk")).values_list("pk"))
    for number in range(3):
        found.rows(pk=number)
    assert len(compiled) == 1


def test_a_value_is_never_part_of_the_text():
    value = "'); DROP TABLE x; --"
    insert(event())
    with CaptureQueriesContext(connection) as seen:
        assert update(Event, where={"external_id": value}, values={"account": value}) == 0
    made = updates._update(Event, ("external_id",), (), ("account",))
    assert value not in made._ready().sql
    assert json.dumps(value)[1:-1] in seen[0]["sql"] or "DROP" in seen[0]["sql"]


def test_a_value_that_is_missing_is_reported():
    found = Statement(lambda: Event.objects.filter(pk=Slot(Event, "pk")).values_list("pk"))
    with pytest.raises(KeyError):
        found.rows()


def test_what_watches_statements_sees_ours_as_django_writes_them():
    seen = []

    def watch(execute, sql, params, many, context):
        seen.append((sql % tuple(map(repr, params)), len(params)))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        assert named("evt_1").statement.rows(external_id="evt_1") == []
    ((sql, parameters),) = seen
    assert "'evt_1'" in sql
    assert parameters == 1


@pytest.mark.django_db(transaction=True)
def test_a_new_connection_gets_a_new_cursor():
    assert insert(event("evt_1"))
    connection.close()
    assert len(named("evt_1").statement.rows(external_id="evt_1")) == 1


def test_a_statement_that_fails_spoils_no_later_one():
    insert(event("evt_1"))
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(event("evt_1"))
    assert insert(event("evt_2"))
    assert len(named("evt_2").statement.rows(external_id="evt_2")) == 1
