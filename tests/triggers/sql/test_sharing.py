"""Leader and followers, without a database: what each thread gets, and that none waits for ever."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from stripeflow.triggers.sql import ALONE, SharedCommit, sharing

PATIENCE = 10


class Killed(BaseException):
    """What ends a thread, as `SystemExit` does."""


class Watched(SharedCommit):
    """A shared commit that says who came, and notes what was written, in which batch and by whom."""

    def __init__(self, *, together=None, **options):
        self.came = threading.Semaphore(0)
        self.go_on = threading.Event()
        self.is_held = threading.Event()
        self.alone = []
        self.batches = []
        self.leaders = []
        self._writes = together or (lambda items: [f"{item} together" for item in items])
        super().__init__(self._one, together=self._several, order=str, **options)

    def _one(self, item):
        self.alone.append(item)
        if item == "held":
            self.is_held.set()
            assert self.go_on.wait(PATIENCE)
        if item == "bad":
            raise ValueError(item)
        if item == "deadly":
            raise Killed
        return f"{item} alone"

    def _several(self, items):
        self.batches.append(list(items))
        self.leaders.append(threading.get_ident())
        return self._writes(items)

    def _joined(self, item):
        member = super()._joined(item)
        self.came.release()
        return member


@pytest.fixture(autouse=True)
def connection(monkeypatch):
    """The database connection of every thread."""
    found = SimpleNamespace(in_atomic_block=False, get_autocommit=lambda: True)
    monkeypatch.setattr(sharing, "connection", found)
    return found


def write_while_one_is_held(shared, *items, first="held"):
    """Let one thread write `first`, and meanwhile others the items; their results or exceptions, in order."""
    with ThreadPoolExecutor(len(items) + 1) as pool:
        futures = [pool.submit(shared.write, first)]
        assert shared.is_held.wait(PATIENCE)
        for item in items:
            futures.append(pool.submit(shared.write, item))
            assert shared.came.acquire(timeout=PATIENCE)
        assert shared.came.acquire(timeout=PATIENCE)
        shared.go_on.set()
        return [future.exception(PATIENCE) or future.result() for future in futures[1:]]


def test_who_is_alone_writes_at_once():
    shared = Watched()
    assert shared.write("a") == "a alone"
    assert shared.write("b") == "b alone"
    assert (shared.alone, shared.batches) == (["a", "b"], [])


def test_those_who_come_meanwhile_are_written_together_in_the_order_of_their_keys():
    shared = Watched()
    assert write_while_one_is_held(shared, "c", "a", "b") == ["c together", "a together", "b together"]
    assert shared.batches == [["a", "b", "c"]]
    assert shared.alone == ["held"]


def test_a_batch_is_bounded_and_the_next_one_is_led_by_another_thread():
    shared = Watched(most=2)
    found = write_while_one_is_held(shared, "a", "b", "c", "d", "e")
    assert found == ["a together", "b together", "c together", "d together", "e alone"]
    assert shared.batches == [["a", "b"], ["c", "d"]]
    assert len(set(shared.leaders)) == 2


def test_what_was_left_unwritten_answers_for_itself():
    shared = Watched(together=lambda items: [ALONE if item == "bad" else item for item in items])
    first, bad, last = write_while_one_is_held(shared, "a", "bad", "z")
    assert (first, last) == ("a", "z")
    assert isinstance(bad, ValueError)


def test_none_is_a_result():
    shared = Watched(together=lambda items: [None for _item in items])
    assert write_while_one_is_held(shared, "a", "b") == [None, None]
    assert shared.alone == ["held"]


def test_if_the_commit_fails_each_is_tried_alone():
    shared = Watched(together=lambda items: 1 / 0)
    first, bad = write_while_one_is_held(shared, "a", "bad")
    assert first == "a alone"
    assert isinstance(bad, ValueError)


def test_too_few_results_count_for_nobody():
    shared = Watched(together=lambda items: items[:1])
    assert write_while_one_is_held(shared, "a", "b") == ["a alone", "b alone"]


def test_a_leader_that_dies_leaves_nobody_waiting():
    def die(_items):
        raise Killed

    shared = Watched(together=die)
    leader, follower = write_while_one_is_held(shared, "a", "b")
    assert isinstance(leader, Killed)
    assert follower == "b alone"
    assert shared.write("c") == "c alone"


def test_a_lone_leader_that_dies_hands_on():
    shared = Watched()
    assert shared.write("a") == "a alone"
    with pytest.raises(Killed):
        shared.write("deadly")
    assert shared.write("b") == "b alone"


def test_a_follower_that_is_interrupted_is_waited_for_by_nobody():
    class Interrupted:
        def acquire(self):
            raise Killed

        def release(self):
            raise AssertionError("nobody is there")

    class Interrupting(Watched):
        def _joined(self, item):
            member = super()._joined(item)
            member.turn = Interrupted() if item == "deadly" else member.turn
            return member

    shared = Interrupting()
    gone, other = write_while_one_is_held(shared, "deadly", "a")
    assert isinstance(gone, Killed)
    assert other == "a alone"


def test_in_an_open_transaction_an_item_is_written_at_once(connection):
    shared = Watched()
    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(shared.write, "held")
        assert shared.is_held.wait(PATIENCE)
        connection.in_atomic_block = True
        assert shared.write("a") == "a alone"
        shared.go_on.set()
        assert held.result(PATIENCE) == "held alone"


def test_what_a_leader_writes_meanwhile_does_not_wait_for_itself():
    def together(items):
        return [shared.write(f"{item} inside") for item in items]

    shared = Watched(together=together)
    assert write_while_one_is_held(shared, "a", "b") == ["a inside alone", "b inside alone"]


def test_a_forked_process_waits_for_none_of_its_parents_threads():
    shared = Watched()
    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(shared.write, "held")
        assert shared.is_held.wait(PATIENCE)
        child = os.fork()
        if child == 0:
            os._exit(0 if shared.write("a") == "a alone" else 1)
        shared.go_on.set()
        assert os.waitpid(child, 0)[1] == 0
        assert held.result(PATIENCE) == "held alone"
