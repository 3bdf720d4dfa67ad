from contextlib import ExitStack

import pytest

from stripeflow.workflows.definition import kinds
from tests.workflows.blocks.fake import Each, Pause, Section


@pytest.fixture(autouse=True)
def _fake_blocks():
    """The made-up blocks are registered, and that is all that is done for them."""
    with ExitStack() as stack:
        for block in (Section, Each, Pause):
            stack.enter_context(kinds.temporarily(block))
        yield
