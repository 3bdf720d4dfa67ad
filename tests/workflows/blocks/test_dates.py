"""A date that names no zone is the same second wherever a workflow reads one."""

from datetime import UTC, datetime

import pytest

from stripeflow.workflows.blocks.typed_values import TYPES
from stripeflow.workflows.blocks.waits.until_a_date import WaitUntilBlock
from stripeflow.workflows.definition.on_demand.fields import DateInput
from tests.workflows.blocks.waits.conftest import START

ON_DEMAND = DateInput("day", label="Day")
DAY = "2026-07-10"


def waited(text):
    block = WaitUntilBlock()
    inputs = block.declared({}).clean({"date": text, "if_past": "go_on"})
    return int(block.decided(inputs, START).due.timestamp())


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/Los_Angeles"])
def test_a_day_begins_in_the_time_zone_of_the_site(settings, zone):
    settings.TIME_ZONE = zone
    begins = {ON_DEMAND.clean_value(DAY), waited(DAY), TYPES["date"].read(DAY)}
    assert len(begins) == 1
    assert TYPES["date"].read(f"{DAY} 09:30") == waited(f"{DAY} 09:30") == begins.pop() + 9.5 * 3600


def test_one_that_names_a_zone_is_read_there(settings):
    settings.TIME_ZONE = "Europe/Berlin"
    nine = int(datetime(2026, 7, 10, 9, tzinfo=UTC).timestamp())
    assert TYPES["date"].read(f"{DAY}T09:00:00Z") == waited(f"{DAY}T09:00:00Z") == nine
