"""A host's own filter, in the editor: offered by the picker, and said on the canvas."""

import pytest

from stripeflow.workflows.operations import lifecycle
from stripeflow.workflows.references.filters import temporarily
from tests.workflows.admin.addresses import address
from tests.workflows.documents import action, document
from tests.workflows.made_up_filter import MASKED

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("recorder")]


@pytest.fixture
def workflow():
    with temporarily(MASKED):
        yield lifecycle.create(document(action("one", text="{{ trigger.id | acme_masked }}")))


def test_the_picker_offers_it(editor, workflow):
    assert '"key": "acme_masked"' in editor.get(address(workflow.steps.get())).content.decode()


def test_a_card_says_what_it_does(editor, workflow):
    assert "masked" in editor.get(address(workflow)).content.decode()
