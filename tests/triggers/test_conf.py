import pytest

from stripeflow.triggers import conf


def test_a_missing_name_has_its_default(settings):
    settings.STRIPEFLOW = {}
    assert conf.get("WEBHOOK_TOLERANCE_SECONDS") == 300


def test_the_settings_win(settings):
    settings.STRIPEFLOW = {"WEBHOOK_TOLERANCE_SECONDS": 10}
    assert conf.get_int("WEBHOOK_TOLERANCE_SECONDS") == 10


@pytest.mark.parametrize(
    ("configured", "expected"),
    [({}, ()), ({"RECONCILE_ACCOUNTS": ["acct_1", "acct_2"]}, ("acct_1", "acct_2"))]
    + [({"RECONCILE_ACCOUNTS": faulty}, ()) for faulty in ("acct_1", None, 7)],
)
def test_a_list_of_accounts_is_never_the_letters_of_a_text(settings, configured, expected):
    settings.STRIPEFLOW = configured
    assert conf.reconcile_accounts() == expected


def test_an_unknown_name_raises():
    with pytest.raises(conf.UnknownSetting):
        conf.get("NO_SUCH_THING")


@pytest.mark.parametrize(
    ("configured", "event_type", "expected"),
    [
        ({}, "charge.succeeded", True),
        ({"MIRROR": "off"}, "charge.succeeded", False),
        ({"MIRROR": "objects"}, "charge.succeeded", True),
        ({"MIRROR_EVENT_TYPES": []}, "charge.succeeded", False),
        ({"MIRROR_EVENT_TYPES": ["charge.succeeded"]}, "charge.succeeded", True),
        ({"MIRROR_EVENT_TYPES": ["charge.succeeded"]}, "charge.succeeded.more", False),
        ({"MIRROR_EVENT_TYPES": ["charge.*"]}, "charge.dispute.created", True),
        ({"MIRROR_EVENT_TYPES": ["charge.*"]}, "chargeback.created", False),
        ({"MIRROR": "off", "MIRROR_EVENT_TYPES": ["charge.*"]}, "charge.succeeded", False),
    ],
)
def test_says_which_types_are_mirrored(settings, configured, event_type, expected):
    settings.STRIPEFLOW = configured
    assert conf.mirrors(event_type) is expected
