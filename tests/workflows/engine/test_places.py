"""The places of a process: runs have theirs in any case, and loops take what is free."""

import pytest

from stripeflow.workflows.engine import places
from stripeflow.workflows.engine.places import Share


@pytest.fixture(autouse=True)
def four(settings, monkeypatch):
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "CONCURRENCY": 4}
    monkeypatch.setattr(places, "_taken", 0)


def test_a_loop_takes_what_is_free_and_gives_back_what_runs_need():
    with places.of_run():
        first, second = Share(2), Share(9)
        assert (first.adjust(), second.adjust()) == (2, 1)
        with places.of_run(), places.of_run():
            assert (second.adjust(), first.adjust()) == (0, 1)
        assert (first.adjust(), second.adjust()) == (2, 1)
        first.give_back()
        assert second.adjust() == 3
        second.give_back()
    assert places._taken == 0
