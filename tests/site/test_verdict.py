"""The verdict has to see everything that a broken product would do."""

import json
from dataclasses import replace

import pytest

from stripeflow_site.demo.verdict import judge, main
from tests.site.evidence import effect, good_evidence


@pytest.fixture
def evidence():
    return good_evidence()


def verdict(evidence):
    return judge(evidence.entries, evidence.mails)


def test_good_demo_is_right(evidence):
    assert verdict(evidence) == []


def test_missing_refund_is_reported(evidence):
    refund, _rest = evidence.of("refund.created")
    evidence.drop(refund)
    assert verdict(evidence) == ["There were 0 refunds of the payment of $14.99 USD, and not 1."]


def test_doubled_refund_is_reported(evidence):
    refund, _rest = evidence.of("refund.created")
    evidence.entries.append(effect("refund.created", {**refund["data"], "id": "re_2"}))
    assert verdict(evidence) == ["There were 2 refunds of the payment of $14.99 USD, and not 1."]


def test_refund_of_another_amount_is_reported(evidence):
    refund, _rest = evidence.of("refund.created")
    refund["data"]["amount"] = 1_000
    assert verdict(evidence) == ["The refund of the payment of $14.99 USD was of 1000 usd in minor units."]


def test_refund_of_another_charge_is_reported(evidence):
    refund, _rest = evidence.of("refund.created")
    refund["data"]["charge"] = "ch_7"
    found = verdict(evidence)
    assert "There were 0 refunds of the payment of $14.99 USD, and not 1." in found
    assert "There were 1 refunds of the payment of $15.00 USD, and not 0." in found


def test_refund_by_somebody_else_is_reported(evidence):
    evidence.entries.append(
        effect("refund.created", {"id": "re_2", "charge": "ch_other", "amount": 1, "currency": "usd"})
    )
    assert verdict(evidence) == ["There were 1 refunds that nothing explains."]


@pytest.mark.parametrize("index", range(7))
def test_each_missing_mail_is_reported(evidence, index):
    del evidence.mails[index]
    assert len(verdict(evidence)) == 1


def test_mails_are_counted_as_the_issue_has_them(evidence):
    # Two workflows thank for three large orders; one warning is investigated.
    assert len(evidence.mails) == 2 * 3 + 1


def test_a_failure_that_somebody_is_told_of_is_not_right(evidence):
    evidence.mails.append(replace(evidence.mails[0], subject="“Tag valuable customers” failed"))
    assert verdict(evidence) == ["There were 1 e-mails that nothing explains."]


def test_a_refund_of_what_was_refunded_before_is_reported(evidence):
    _whole, rest = evidence.of("refund.created")
    rest["data"]["amount"] = 1_400
    assert verdict(evidence) == ["The refund of the payment of $14.00 USD was of 1400 usd in minor units."]


def test_doubled_mail_is_reported(evidence):
    evidence.mails.append(evidence.mails[0])
    assert "There were 3 thank-you e-mails for the payment of $1,000.01 USD, and not 2." in verdict(evidence)


def test_two_mails_of_one_run_are_reported(evidence):
    evidence.mails[1] = replace(evidence.mails[1], run=evidence.mails[0].run)
    assert verdict(evidence) == ["One run sent several e-mails for the payment of $1,000.01 USD."]


def test_mail_to_somebody_else_is_reported(evidence):
    evidence.mails[0] = replace(evidence.mails[0], to=("stranger@example.com",))
    assert verdict(evidence) == ["An e-mail for the payment of $1,000.01 USD went to stranger@example.com."]


def test_mail_with_another_amount_is_reported(evidence):
    evidence.mails[0] = replace(evidence.mails[0], text="Customer ID: cus_1\nAmount: $10.00 USD\n")
    assert "There were 1 e-mails that nothing explains." in verdict(evidence)


def test_missing_tag_is_reported(evidence):
    evidence.drop(evidence.of("customer.updated")[0])
    assert verdict(evidence) == [
        "There were 0 updates of the customer of the payment of $2,000.01 USD, and not 1."
    ]


def test_other_tag_is_reported(evidence):
    evidence.of("customer.updated")[0]["data"]["metadata"] = {"Tier": "GOLD"}
    assert verdict(evidence) == [
        'The customer of the payment of $2,000.01 USD has the metadata {"Tier": "GOLD"}.'
    ]


def test_tag_on_another_customer_is_reported(evidence):
    evidence.of("customer.updated")[0]["id"] = "cus_1"
    assert len(verdict(evidence)) == 2


def test_other_changes_are_reported(evidence):
    evidence.entries.append(effect("customer.deleted", {"id": "cus_1"}))
    assert verdict(evidence) == ["There were 1 other changes at Stripe that nothing explains."]


def test_missing_payment_is_reported(evidence):
    evidence.drop(evidence.of("charge.succeeded")[0])
    assert verdict(evidence) == ["There was no payment of $1,000.00 USD."]


def test_payment_that_nothing_explains_is_reported(evidence):
    charge = {"id": "ch_9", "amount": 1, "currency": "usd", "customer": None}
    evidence.entries.append(effect("charge.succeeded", charge, via="control"))
    assert verdict(evidence) == ["There were 1 payments that nothing explains."]


def test_script_fails_without_effects(tmp_path, capsys):
    ledger = tmp_path / "ledger.jsonl"
    entries = [entry for entry in good_evidence().entries if entry["effect"] != "refund.created"]
    ledger.write_text("".join(f"{json.dumps(entry)}\n" for entry in entries))
    assert main([str(ledger), str(tmp_path)]) == 1
    assert "There were 0 refunds of the payment of $14.99 USD" in capsys.readouterr().out


def test_script_fails_without_a_ledger(tmp_path, capsys):
    assert main([str(tmp_path / "none"), str(tmp_path)]) == 2
    assert "there is no ledger" in capsys.readouterr().out
