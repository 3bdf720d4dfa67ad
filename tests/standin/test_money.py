import pytest

from stripeflow_site.standin.money import display, minor


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        (1499, "usd", "$14.99"),
        (100_001, "usd", "$1,000.01"),
        (5000, "jpy", "¥5,000"),
        (12_340, "kwd", "12.340 KWD"),
        (250_050, "EUR", "€2,500.50"),
    ],
)
def test_displays_minor_units_in_major_ones(amount, currency, shown):
    assert display(amount, currency) == shown


@pytest.mark.parametrize(
    ("typed", "currency", "amount"),
    [("1,000.01", "usd", 100_001), ("5000", "jpy", 5000), ("15.00", "usd", 1500), ("1.234", "kwd", 1234)],
)
def test_reads_typed_amounts(typed, currency, amount):
    assert minor(typed, currency) == amount


@pytest.mark.parametrize(
    ("typed", "currency"),
    [
        ("", "usd"),
        ("ten", "usd"),
        ("1.001", "usd"),
        ("0.5", "jpy"),
        ("0", "usd"),
        ("-1", "usd"),
        ("NaN", "usd"),
    ],
)
def test_refuses_what_is_no_amount(typed, currency):
    with pytest.raises(ValueError, match="is not an amount"):
        minor(typed, currency)
