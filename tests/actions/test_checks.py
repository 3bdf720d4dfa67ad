import pytest

from stripeflow.actions import checks


def ids(messages):
    return [message.id for message in messages]


def test_the_defaults_are_fine():
    assert checks.check_default_currency(None) == []
    assert checks.check_stripe_keys(None) == []
    assert checks.check_email_timeout(None) == []


@pytest.mark.parametrize("currency", ["USD", "zzz", None])
def test_an_unknown_preset_currency_is_an_error(settings, currency):
    settings.STRIPEFLOW = {"DEFAULT_CURRENCY": currency}
    assert ids(checks.check_default_currency(None)) == ["stripeflow.E301"]


def test_keys_under_each_others_names_are_errors(settings):
    settings.STRIPE_TEST_SECRET_KEY, settings.STRIPE_LIVE_SECRET_KEY = "sk_live_a", "sk_test_b"
    assert ids(checks.check_stripe_keys(None)) == ["stripeflow.E303", "stripeflow.E303"]


def test_absent_keys_are_not_an_error(settings):
    settings.STRIPE_TEST_SECRET_KEY = settings.STRIPE_LIVE_SECRET_KEY = ""
    assert checks.check_stripe_keys(None) == []


@pytest.mark.parametrize(
    ("timeout", "found"), [(None, ["stripeflow.W302"]), (0, ["stripeflow.W302"]), (20, [])]
)
def test_smtp_needs_a_timeout(settings, timeout, found):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_TIMEOUT = timeout
    assert ids(checks.check_email_timeout(None)) == found
