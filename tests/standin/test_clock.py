import time

import pytest

from stripeflow_site.standin.clock import Clock


def test_clock_begins_at_real_time():
    assert Clock().now() == pytest.approx(time.time(), abs=1)


def test_advanced_clock_is_ahead():
    clock = Clock()
    clock.advance(3600)

    assert clock.now() == pytest.approx(time.time() + 3600, abs=1)


def test_clock_does_not_go_back():
    with pytest.raises(ValueError, match="forward"):
        Clock().advance(-1)


def test_reset_clock_is_at_real_time_again():
    clock = Clock()
    clock.advance(3600)
    clock.reset()

    assert clock.now() == pytest.approx(time.time(), abs=1)
