import pytest

from stripeflow.workflows.definition import kinds
from tests.workflows.blocks.fake import Pause, Section


@pytest.fixture(autouse=True)
def _fake_blocks():
    """The made-up blocks are registered, and that is all that is done for them."""
    with kinds.temporarily(Section), kinds.temporarily(Pause):
        yield
