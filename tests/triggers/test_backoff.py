from datetime import timedelta

import pytest

from stripeflow.triggers.backoff import delay_after


@pytest.mark.parametrize(("failures", "seconds"), [(0, 10), (1, 10), (2, 20), (9, 2560), (10, 3600)])
def test_the_delay_doubles_up_to_an_hour(failures, seconds):
    assert delay_after(failures) == timedelta(seconds=seconds)
