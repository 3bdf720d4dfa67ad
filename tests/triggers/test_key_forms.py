import pytest

from stripeflow.triggers import secret_checks as checks


@pytest.mark.parametrize(
    "key", ["", "sk_test_" + "a" * 24, "rk_live_" + "b" * 99, "sk_org_live_abc", "sk_org_abc", "sk_abc"]
)
def test_keys_of_a_known_form_are_fine(settings, key):
    settings.STRIPE_LIVE_SECRET_KEY = key
    assert checks.check_key_forms(None) == []


@pytest.mark.parametrize("name", ["STRIPE_TEST_SECRET_KEY", "STRIPE_LIVE_SECRET_KEY", "STRIPE_SECRET_KEY"])
@pytest.mark.parametrize("key", ['"sk_test_abc"', "sk_test_abc ", "sk_test_", "pk_test_abc", "the key", 7])
def test_a_key_of_an_unknown_form_is_an_error_that_does_not_print_it(settings, name, key):
    setattr(settings, name, key)
    (found,) = checks.check_key_forms(None)
    assert found.id == "stripeflow.E008"
    assert found.msg.startswith(name)
    assert str(key).strip("\" '") not in str(found)


def test_a_signing_secret_of_an_unknown_form_is_an_error(monkeypatch):
    monkeypatch.setenv("STRIPE_WEBHOOK_SECRET", "'whsec_abc'")
    (found,) = checks.check_key_forms(None)
    assert found.msg.startswith("STRIPE_WEBHOOK_SECRET")
    assert "whsec_abc" not in str(found)
