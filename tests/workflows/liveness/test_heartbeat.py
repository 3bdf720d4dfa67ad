from datetime import timedelta

import pytest
from django.utils import timezone

from stripeflow.workflows.liveness import heartbeat
from stripeflow.workflows.liveness.heartbeat import Heartbeat
from stripeflow.workflows.models import Beat
from stripeflow.workflows.queue import BEAT

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock(monkeypatch):
    class Clock:
        now = 1000.0

        def __call__(self):
            return self.now

    clock = Clock()
    monkeypatch.setattr(heartbeat.time, "monotonic", clock)
    return clock


def ticks(heart, clock, *, seconds):
    for _second in range(seconds):
        heart.tick()
        clock.now += 1


def test_the_sweep_writes_one_row_for_its_host(clock, queue):
    ticks(Heartbeat(), clock, seconds=3)
    assert Beat.objects.get().name == heartbeat.name_of("ring")


def test_the_sweep_writes_at_most_every_five_seconds(clock, queue, django_assert_num_queries):
    heart = Heartbeat()
    heart.tick()
    clock.now += 4.9
    with django_assert_num_queries(0):
        heart.tick()
    before = Beat.objects.get().at
    clock.now += 0.2
    heart.tick()
    assert Beat.objects.get().at > before


def test_a_cluster_that_answers_is_asked_every_ten_seconds(clock, queue):
    heart, answers = Heartbeat(), 0
    for _second in range(60):
        ticks(heart, clock, seconds=1)
        answers += queue.run()
    assert answers == 6
    assert Beat.objects.newest("cluster") is not None


def test_the_queue_of_a_dead_cluster_does_not_fill_up(clock, queue):
    ticks(Heartbeat(), clock, seconds=600)
    assert len(queue.of(BEAT)) == 10


def test_a_queue_that_is_down_does_not_end_the_sweep(clock, queue):
    queue.error = ConnectionError()
    ticks(Heartbeat(), clock, seconds=2)
    assert Beat.objects.newest("ring") is not None


def test_the_newest_beat_of_any_host_counts():
    now = timezone.now()
    Beat.objects.write("ring@one", now=now - timedelta(hours=1))
    Beat.objects.write("ring@two", now=now)
    Beat.objects.write("ringer@three", now=now + timedelta(hours=1))
    assert Beat.objects.newest("ring") == now


def test_a_turn_is_taken_once_and_again_when_its_time_has_come():
    now, every = timezone.now(), timedelta(minutes=15)
    moments = [now, now, now + timedelta(minutes=14), now + every, now + every]
    assert [Beat.objects.claim("reconcile", every=every, now=moment) for moment in moments] == [
        True,
        False,
        False,
        True,
        False,
    ]


def test_a_clock_that_was_set_back_does_not_lose_the_turn():
    now, every = timezone.now(), timedelta(minutes=15)
    Beat.objects.claim("reconcile", every=every, now=now + timedelta(days=30))
    assert Beat.objects.claim("reconcile", every=every, now=now)


def test_as_many_clusters_as_live_are_asked(queue):
    now = timezone.now()
    for name, age in {"one/a": 0, "one/b": 60, "two": 119, "gone": 121}.items():
        Beat.objects.write(f"cluster@{name}", now=now - timedelta(seconds=age))
    heartbeat.ask()
    assert len(queue.of(BEAT)) == 3


def test_one_is_asked_before_any_has_answered(queue):
    heartbeat.ask()
    assert len(queue.of(BEAT)) == 1


def test_a_worker_signs_for_the_cluster_of_its_command(monkeypatch):
    monkeypatch.setenv("STRIPEFLOW_CLUSTER", "abcd")
    heartbeat.write(heartbeat.CLUSTER)
    assert Beat.objects.get().name == heartbeat.name_of("cluster", cluster="abcd")


def test_the_first_tick_forgets_this_hosts_clusters_that_are_no_more(queue):
    now = timezone.now()
    mine = heartbeat.name_of("cluster")
    for name, minutes in {f"{mine}/old": 61, f"{mine}/new": 59, "cluster@another/old": 61}.items():
        Beat.objects.write(name, now=now - timedelta(minutes=minutes))
    Heartbeat().tick()
    left = Beat.objects.filter(name__startswith="cluster").values_list("name", flat=True)
    assert set(left) == {f"{mine}/new", "cluster@another/old"}
