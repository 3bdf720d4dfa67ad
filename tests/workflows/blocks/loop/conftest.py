import pytest

from stripeflow.actions import registry
from tests.workflows.blocks.loop.paged import Shelf, paging_action
from tests.workflows.blocks.loop.steps import charges


@pytest.fixture
def shelf():
    """Five charges, which the action `test.pages` lists."""
    shelf = Shelf(*charges(5))
    with registry.temporarily(paging_action(shelf)):
        yield shelf
