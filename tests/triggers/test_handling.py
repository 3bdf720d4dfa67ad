from datetime import timedelta

import pytest

from stripeflow.triggers import handling


def fail(event):
    raise ValueError


def test_a_second_handler_is_refused():
    with handling.temporary_handler(None):
        handling.set_handler(fail)
        handling.set_handler(fail)
        with pytest.raises(handling.HandlerAlreadySet):
            handling.set_handler(print)


@pytest.mark.parametrize(
    ("failures", "seconds"), [(1, 0), (2, 4), (3, 8), (11, 2048), (12, 3600), (10_000, 3600)]
)
def test_the_delay_doubles_up_to_an_hour(failures, seconds):
    assert handling.delay_after(failures) == timedelta(seconds=seconds)
