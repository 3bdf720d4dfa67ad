import pytest

from stripeflow.workflows.definition.scope import Refusal
from stripeflow.workflows.matching.reasons import Reason


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_a_mark_and_a_sentence(reason):
    assert reason.mark
    assert reason.sentence(account="acct_1", at="noon").endswith(".")


def test_every_refusal_of_a_scope_is_a_reason():
    assert [reason.refusal for reason in Reason if reason.refusal] == list(Refusal)


def test_a_sentence_names_the_moment_and_the_account():
    assert "before noon" in Reason.BEFORE_ACTIVATION.sentence(at="noon")
    assert "acct_1" in Reason.UNLISTED_ACCOUNT.sentence(account="acct_1")
