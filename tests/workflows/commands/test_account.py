import pytest
from django.core.management import CommandError, call_command

from stripeflow.workflows.limits import deauthorized
from stripeflow.workflows.models import Run
from stripeflow.workflows.operations import lifecycle
from tests.workflows.documents import action, document
from tests.workflows.events import accept, payment

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _gone(recorder, queue):
    lifecycle.activate(lifecycle.create(document(action("one", text="a"))))
    accept(payment(), account="acct_1")
    accept({"id": "ca_1", "object": "application"}, type=deauthorized.DEAUTHORIZED, account="acct_1")
    deauthorized.settle()


def test_it_lists_who_is_gone(capsys):
    call_command("stripeflow_account")
    line = capsys.readouterr().out
    assert line.startswith("acct_1  test  since ")
    assert line.endswith("1 held runs\n")


def test_it_takes_ones_word(capsys):
    call_command("stripeflow_account", "--reconnect", "acct_1", "--test")
    assert "1 held runs go on" in capsys.readouterr().out
    assert Run.objects.get().status == "queued"
    with pytest.raises(CommandError, match="connected already"):
        call_command("stripeflow_account", "--reconnect", "acct_1", "--test")


def test_the_other_mode_is_another_account():
    with pytest.raises(CommandError, match="Nothing is known"):
        call_command("stripeflow_account", "--reconnect", "acct_1")
