import pytest

from stripeflow.actions import conf


def test_a_setting_of_the_project_wins(settings):
    settings.STRIPEFLOW = {"DEFAULT_CURRENCY": "eur"}
    assert conf.get("DEFAULT_CURRENCY") == "eur"


def test_an_absent_setting_has_a_default(settings):
    settings.STRIPEFLOW = {}
    assert conf.get("STRIPE_TIMEOUT_SECONDS") == 20


def test_a_project_without_the_dictionary_has_the_defaults(settings):
    del settings.STRIPEFLOW
    assert conf.get("DEFAULT_CURRENCY") == "usd"


def test_a_name_of_another_app_raises():
    with pytest.raises(KeyError):
        conf.get("QUEUE_CLUSTER")
