"""What a setting may be: every name has a rule, and nonsense is told from sense."""

import math

import pytest

from stripeflow.workflows.checks import system
from stripeflow.workflows.checks.setting_rules import JUDGED_ELSEWHERE, RULES, complaint

DEFAULTS = system.setting_values()
SECONDS = sorted(name for name in RULES if name.endswith("_SECONDS"))
MAY_BE_OFF = ("HEALTH_SCHEDULE_SECONDS", "HEALTH_WEBHOOK_SECONDS", "RECONCILE_EVERY_SECONDS")
COUNTS = sorted(name for name in RULES if name.startswith("MAX_"))
RATES = sorted(name for name in RULES if "PER_SECOND" in name)


def test_every_setting_is_judged_once():
    assert not RULES.keys() & JUDGED_ELSEWHERE
    assert system.setting_names() <= RULES.keys() | JUDGED_ELSEWHERE


@pytest.mark.parametrize("name", sorted(RULES.keys() & DEFAULTS.keys()))
def test_the_default_fits(name):
    assert complaint(name, DEFAULTS[name]) == ""


@pytest.mark.parametrize("value", [-1, "45", None, True, math.inf, math.nan, 1e300, 10**400, [1]])
@pytest.mark.parametrize("name", SECONDS + COUNTS)
def test_what_is_no_number_of_that_size_is_reported(name, value):
    assert complaint(name, value).startswith(f'STRIPEFLOW["{name}"] has to be a ')


@pytest.mark.parametrize("value", [0, -1, "20", None, True, math.inf, math.nan, 10**400])
@pytest.mark.parametrize("name", RATES)
def test_what_is_no_rate_is_reported(name, value):
    assert complaint(name, value)


@pytest.mark.parametrize("name", COUNTS)
def test_counts_are_whole_and_not_zero(name):
    assert complaint(name, 1) == ""
    assert complaint(name, 1.5)
    assert complaint(name, 0)


@pytest.mark.parametrize("name", [name for name in SECONDS if name not in MAY_BE_OFF])
def test_zero_is_no_time_but_where_it_means_never(name):
    assert complaint(name, 0)
    assert [complaint(other, 0) for other in MAY_BE_OFF] == [""] * len(MAY_BE_OFF)


@pytest.mark.parametrize("value", [7200.5, 31 * 24 * 3600])
def test_a_window_is_whole_and_no_longer_than_stripe_keeps_events(value):
    assert complaint("RECONCILE_WINDOW_SECONDS", value)
    assert complaint("RECONCILE_WINDOW_SECONDS", 30 * 24 * 3600) == ""


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("RECONCILE_ACCOUNTS", ["acct_1"], "acct_1"),
        ("RECONCILE_ACCOUNTS", ("acct_1", "acct_2"), ["cus_1"]),
        ("RECONCILE_ACCOUNTS", [], None),
        ("ALERT_RECIPIENTS", ["team@example.com"], "team@example.com"),
        ("ALERT_RECIPIENTS", [], ["team"]),
        ("REFUND_CAPS_PER_DAY", {"usd": 100_000}, {"USD": 100_000}),
        ("REFUND_CAPS_PER_DAY", {"jpy": 0}, {"usd": 1000.0}),
        ("REFUND_CAPS_PER_DAY", {}, {"usd": -1}),
        ("REFUND_CAPS_PER_DAY", {}, {"usd": True}),
        ("REFUND_CAPS_PER_DAY", {}, {1: 1}),
        ("REFUND_CAPS_PER_DAY", {}, None),
        ("CUSTOMER_CAPS_PER_DAY", {"usd": 20_000}, {"usd": -1}),
        ("STRIPE_RAW_REQUESTS", ["POST /v1/things/{id}"], ["GET /v1/things"]),
        ("MONEY_WITHOUT_CUSTOMER", "count", "ask"),
        ("BASE_URL", "https://flows.example.com/shop", "flows.example.com"),
        ("BASE_URL", "http://127.0.0.1:8000", ""),
        ("BASE_URL", "https://[::1]:8000", "https://[::1"),
        ("BASE_URL", "https://a.example", "https://a.example:99999"),
        ("BASE_URL", "https://a.example", "https://a.example?x=1"),
        ("BASE_URL", "https://a.example", None),
        ("STRIPE_API_BASE", "", None),
        ("STRIPE_API_BASE", "http://127.0.0.1:12111", "ftp://127.0.0.1"),
        ("QUEUE_CLUSTER", "stripeflow", ""),
        ("QUEUE_CLUSTER", "stripeflow", None),
        ("EMAIL_SUBJECT_PREFIX", "[Shop] ", "[Shop]\n"),
        ("EMAIL_SUBJECT_PREFIX", "", None),
        ("HEALTH_TOKEN", "", None),
        ("METRICS_TOKEN", "a" * 64, "a" * 64 + "\n"),
        ("HEALTH_TOKEN", "a" * 22, "a" * 21),
        ("METRICS_TOKEN", "a" * 22, "a" * 21),
        ("METRICS_TOKEN", "", " " * 22),
    ],
)
def test_tells_sense_from_nonsense(name, right, wrong):
    assert complaint(name, right) == ""
    assert complaint(name, wrong)


def test_a_long_value_is_cut():
    assert len(complaint("BASE_URL", "x" * 10_000)) < 400
