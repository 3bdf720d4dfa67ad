"""Connections of the threads that work on runs: few are open, and none is held during a call."""

import threading

import pytest
from django.db import connection, connections, transaction

from stripeflow.actions.database import brief_use
from stripeflow.workflows import lending
from stripeflow.workflows.models import Beat

pytestmark = pytest.mark.django_db(transaction=True)

SOON = 20.0


@pytest.fixture
def made(monkeypatch):
    """Every connection that was made to be lent; all are closed at the end."""
    made = []
    usual = lending._create

    def create(alias):
        made.append(usual(alias))
        return made[-1]

    monkeypatch.setattr(lending, "_lenders", {})
    monkeypatch.setattr(lending, "_create", create)
    yield made
    lending.close_free()
    assert opened(made) == 0


def opened(made):
    return sum(wrapper.connection is not None and not wrapper.closed_in_transaction for wrapper in made)


def use():
    return Beat.objects.count()


def side_by_side(*bodies):
    """Do all of it at once, each in a thread that borrows; raises what one of them raised."""
    failed = []

    def work(body):
        try:
            with lending.borrowing():
                body()
        except BaseException as error:  # noqa: BLE001  raised below
            failed.append(error)

    threads = [threading.Thread(target=work, args=[body]) for body in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SOON)
    assert not any(thread.is_alive() for thread in threads)
    if failed:
        raise failed[0]


def test_none_is_held_during_a_call_and_few_are_open(made):
    calling, seen = threading.Barrier(16, timeout=SOON), []

    def run():
        use()
        with lending.calling():
            if calling.wait() == 0:
                seen.append((opened(made), lending._lenders["default"]._lent))
            calling.wait()
        use()

    side_by_side(*[run] * 16)
    ((most, lent),) = seen
    assert most <= lending.KEPT
    assert lent == 0
    assert opened(made) <= lending.KEPT


def test_an_action_that_asks_the_database_during_its_call_gets_a_connection_of_its_own(made):
    """However many do: at most one for each thread, and those above the few that are kept are closed."""
    calling, seen = threading.Barrier(16, timeout=SOON), []

    def run():
        with lending.calling():
            use()
            if calling.wait() == 0:
                seen.append((opened(made), len(set(map(id, made)))))
            calling.wait()
        use()

    side_by_side(*[run] * 16)
    assert seen == [(16, 16)]
    assert opened(made) <= lending.KEPT


def test_a_brief_use_within_a_call_gives_back_what_it_borrowed(made):
    def run():
        with lending.calling():
            with brief_use():
                use()
            assert lending._lenders["default"]._lent == 0

    side_by_side(run)


def test_a_brief_use_leaves_what_the_action_has_borrowed_itself(made):
    def run():
        with lending.calling():
            use()
            with brief_use():
                use()
            assert lending._lenders["default"]._lent == 1

    side_by_side(run)
    assert len(made) == 1


def test_a_transaction_keeps_its_connection(made):
    def run():
        with transaction.atomic():
            Beat.objects.write("ring@one")
            mine = connection.connection
            lending.give_back()
            with brief_use():
                use()
            assert connection.connection is mine
            assert use() == 1

    side_by_side(run)
    assert use() == 1


def test_a_transaction_that_was_left_open_is_undone(made):
    def run():
        transaction.atomic().__enter__()
        Beat.objects.write("ring@one")

    side_by_side(run)
    assert use() == 0
    assert opened(made) == 0
    side_by_side(use)
    assert len(made) == 2


def test_the_next_thread_gets_the_same_connection(made):
    side_by_side(use)
    kept = made[0].connection
    side_by_side(use)
    assert len(made) == 1
    assert made[0].connection is kept


def test_a_connection_that_is_too_old_is_opened_again(made):
    side_by_side(use)
    made[0].close_at = 0.0
    kept = made[0].connection
    side_by_side(lambda: (use(), setattr(made[0], "close_at", None)))
    assert made[0].connection is not kept


def test_a_broken_connection_is_not_lent_again(made):
    def fail():
        use()
        made[0].errors_occurred = True
        made[0].is_usable = lambda: False
        lending.give_back()

    side_by_side(fail)
    assert opened(made) == 0
    side_by_side(use)
    assert (len(made), opened(made)) == (1, 1)


def test_whoever_waits_gets_the_one_that_is_given_back_first(made, monkeypatch):
    monkeypatch.setattr(lending, "KEPT", 1)
    first_has_it, second_begins = threading.Event(), threading.Event()

    def first():
        use()
        first_has_it.set()
        second_begins.wait(SOON)

    def second():
        first_has_it.wait(SOON)
        second_begins.set()
        use()

    side_by_side(first, second)
    assert len(made) == 1


def test_whoever_waits_in_vain_gets_a_further_one(made, monkeypatch):
    monkeypatch.setattr(lending, "KEPT", 1)
    monkeypatch.setattr(lending, "WAIT_SECONDS", 0.01)
    first_has_it, second_has_it = threading.Event(), threading.Event()

    def first():
        use()
        first_has_it.set()
        assert second_has_it.wait(SOON)

    def second():
        first_has_it.wait(SOON)
        use()
        second_has_it.set()

    side_by_side(first, second)
    assert len(made) == 2
    assert opened(made) == 1


def test_every_other_thread_has_connections_of_its_own(made):
    found = []

    def plain():
        found.append(use())
        connections.close_all()

    thread = threading.Thread(target=plain)
    thread.start()
    thread.join()
    with lending.calling(), brief_use():
        lending.give_back()
        use()
    assert (found, made) == ([0], [])
