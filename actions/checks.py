"""System checks of the settings that actions rely on."""

from typing import Any

from django.conf import settings
from django.core import checks

from stripeflow.actions import conf, money, stripe_client
from stripeflow.actions.errors import AuthenticationFailed


@checks.register("stripeflow")
def check_default_currency(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:
    """Report a preset currency that Stripe does not have."""
    currency = conf.get("DEFAULT_CURRENCY")
    if isinstance(currency, str) and currency in money.CURRENCIES:
        return []
    hint = 'Use a lower-case code such as "usd".'
    text = f"STRIPEFLOW['DEFAULT_CURRENCY'] is {currency!r}, which is not a currency of Stripe's."
    return [checks.Error(text, hint=hint, id="stripeflow.E301")]


@checks.register("stripeflow")
def check_stripe_keys(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:
    """Report a key that stands under the other mode's name; an absent one is reported when it is needed."""
    return [problem for livemode in (False, True) for problem in _mixed_up(livemode)]


@checks.register("stripeflow")
def check_email_timeout(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:
    """Report SMTP without a timeout: a mail server that hangs would hold a worker for ever."""
    if not settings.EMAIL_BACKEND.endswith("smtp.EmailBackend") or settings.EMAIL_TIMEOUT:
        return []
    hint = "Set EMAIL_TIMEOUT to 20 seconds."
    text = "E-mail is sent by SMTP without a timeout."
    return [checks.Warning(text, hint=hint, id="stripeflow.W302")]


def _mixed_up(livemode: bool) -> list[checks.CheckMessage]:
    try:
        stripe_client.secret_key(livemode=livemode)
    except AuthenticationFailed as error:
        if error.code == "wrong_mode_key":
            return [checks.Error(error.message, id="stripeflow.E303")]
    return []
