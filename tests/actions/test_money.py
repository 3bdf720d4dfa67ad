import pytest
from django.conf import global_settings
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from stripeflow.actions import money


@pytest.mark.parametrize(
    ("currency", "digits"),
    [("usd", 2), ("USD", 2), ("jpy", 0), ("kwd", 3), ("isk", 2), ("ugx", 2), ("huf", 2), ("xyz", 2)],
)
def test_minor_digits_follow_stripes_list(currency, digits):
    assert money.minor_digits(currency) == digits


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("1,000", "usd", 100_000),
        ("1000.50", "usd", 100_050),
        ("1 000.5", "usd", 100_050),
        ("1\u202f000", "usd", 100_000),
        ("$15", "usd", 1_500),
        ("15 USD", "usd", 1_500),
        ("usd 15", "usd", 1_500),
        ("$1,000.00 USD", "usd", 100_000),
        ("-$3.50", "usd", -350),
        ("0", "usd", 0),
        ("1.000", "usd", 100),
        ("5,000", "jpy", 5_000),
        ("¥5,000", "jpy", 5_000),
        ("1.234", "kwd", 1_234),
        ("1,00,000", "inr", 10_000_000),
    ],
)
def test_parses_typed_amounts(text, currency, minor):
    assert money.parse_major(text, currency) == minor


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("", "usd"),
        ("abc", "usd"),
        ("1,00", "usd"),
        ("1.000,50", "usd"),
        ("10,", "usd"),
        (".5", "usd"),
        ("1e3", "usd"),
        ("٣", "usd"),
        ("€5", "usd"),
        ("5 EUR", "usd"),
        ("--5", "usd"),
        ("1,0000", "usd"),
    ],
)
def test_refuses_what_could_be_misread(text, currency):
    with pytest.raises(ValueError, match=r"is not an amount such as \$1,000.00 USD\.$"):
        money.parse_major(text, currency)


@pytest.mark.parametrize(
    ("text", "currency", "sentence"),
    [
        ("1.005", "usd", "An amount in USD has at most 2 decimals."),
        ("1.5", "jpy", "An amount in JPY has no decimals."),
        ("9" * 20, "usd", "The amount is too large."),
    ],
)
def test_says_why_an_amount_does_not_fit(text, currency, sentence):
    with pytest.raises(ValueError, match=f"^{sentence}$"):
        money.parse_major(text, currency)


def test_reads_the_separators_of_the_locale():
    assert money.parse_major("1.000,50", "eur", locale="de") == 100_050


def test_a_german_reader_does_not_get_english_decimals():
    with pytest.raises(ValueError, match="is not an amount"):
        money.parse_major("1000.50", "eur", locale="de")


def test_the_active_language_is_the_default_locale():
    with translation.override("de"):
        assert money.parse_major("2,5", "eur") == 250


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        (100_000, "usd", "$1,000.00 USD"),
        (1_499, "USD", "$14.99 USD"),
        (-350, "usd", "-$3.50 USD"),
        (5_000, "jpy", "¥5,000 JPY"),
        (1_234, "kwd", "1.234 KWD"),
        (500, "isk", "5.00 ISK"),
        (100_000, "chf", "1,000.00 CHF"),
        (100, "xyz", "1.00 XYZ"),
    ],
)
def test_formats_minor_units_for_people(amount, currency, shown):
    assert money.format_minor(amount, currency) == shown


def test_formats_in_the_readers_locale():
    assert money.format_minor(100_000, "eur", locale="de") == "€1.000,00 EUR"


@pytest.mark.parametrize("language", [code for code, _name in global_settings.LANGUAGES])
def test_what_is_shown_can_be_typed_in_every_language(language):
    shown = money.typed_major(123_456_789_050, "usd", locale=language)
    assert money.parse_major(shown, "usd", locale=language) == 123_456_789_050


@given(
    st.integers(min_value=-money.MAX_MINOR, max_value=money.MAX_MINOR),
    st.sampled_from(sorted(money.CURRENCIES)),
)
def test_formatting_and_parsing_are_inverse(amount, currency):
    assert money.parse_major(money.format_minor(amount, currency), currency) == amount


@pytest.mark.parametrize(
    ("amount", "currency", "sentence"),
    [
        (100, "usd", ""),
        (150, "isk", "ISK has whole amounts only."),
        (1_500, "ugx", ""),
        (1_234, "kwd", "Stripe takes amounts in KWD with at most two decimals."),
        (1_230, "kwd", ""),
        (money.MAX_MINOR + 1, "usd", "The amount is too large."),
    ],
)
def test_names_amounts_that_stripe_would_refuse(amount, currency, sentence):
    assert money.amount_fault(amount, currency) == sentence


def test_knows_the_currencies_with_names():
    choices = dict(money.currency_choices())
    assert choices["usd"] == "USD – US dollar"
    assert len(choices) > 130
    assert all(len(code) == 3 and code.islower() for code in choices)


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("１０００", "usd", 100_000),
        ("１，０００．５０", "usd", 100_050),
        ("￥１０００", "jpy", 1_000),
        ("−５", "usd", -500),
        ("＄５", "usd", 500),
        ("５ ＵＳＤ", "usd", 500),
    ],
)
def test_digits_and_signs_may_be_of_full_width(text, currency, minor):
    assert money.parse_major(text, currency) == minor


@pytest.mark.parametrize("currency", money.CURRENCIES)
def test_every_symbol_may_be_typed(currency):
    assert money.parse_major(f"{money.CURRENCIES[currency].symbol}5", currency) > 0
