import pytest

from stripeflow.triggers.vouching import ACCOUNTS, OWN_ACCOUNT_ONLY, NotVouchedFor, of_endpoint, of_key

OWN = {ACCOUNTS: OWN_ACCOUNT_ONLY}


def endpoint(*, livemode=True, status="enabled", owner=None, metadata=None):
    return of_endpoint(livemode=livemode, status=status, owner=owner, metadata=metadata)


def refusal(voucher, *, livemode=False, account=""):
    try:
        voucher.check(livemode=livemode, account=account)
    except NotVouchedFor as error:
        return error.code
    return None


@pytest.mark.parametrize(
    ("endpoint_is_live", "event_is_live", "expected"),
    [
        (False, False, None),
        (False, True, "livemode_mismatch"),
        (True, False, None),
        (True, True, None),
    ],
)
def test_an_endpoint_vouches_for_its_mode_and_for_test_mode(endpoint_is_live, event_is_live, expected):
    assert refusal(endpoint(livemode=endpoint_is_live), livemode=event_is_live) == expected


@pytest.mark.parametrize("key_is_live", [False, True])
def test_a_key_vouches_for_its_own_mode(key_is_live):
    assert refusal(of_key(livemode=key_is_live), livemode=key_is_live) is None
    assert refusal(of_key(livemode=key_is_live), livemode=not key_is_live) == "livemode_mismatch"


@pytest.mark.parametrize("metadata", [None, {}, {"shop": "own"}, {ACCOUNTS: "all"}, [], "own"])
def test_accounts_are_refused_only_where_a_person_has_said_so(metadata):
    assert refusal(endpoint(metadata=metadata), account="acct_other") is None


@pytest.mark.parametrize(
    ("owner", "account", "expected"),
    [
        (None, "", None),
        ("acct_own", "acct_own", None),
        ("acct_own", "org_1/acct_own", None),
        (None, "acct_own", "account_mismatch"),
        ("acct_own", "acct_other", "account_mismatch"),
        ("acct_own", "acct_own/acct_other", "account_mismatch"),
    ],
)
def test_then_it_vouches_for_its_own_account(owner, account, expected):
    assert refusal(endpoint(owner=owner, metadata=OWN), account=account) == expected


@pytest.mark.parametrize("status", ["disabled", "", "unheard of"])
def test_an_endpoint_that_is_not_enabled_vouches_for_nothing(status):
    with pytest.raises(NotVouchedFor) as refused:
        endpoint(status=status)
    assert refused.value.code == "endpoint_disabled"
