"""Amounts as people read and type them; Stripe's zero- and three-decimal currencies."""

from decimal import Decimal, InvalidOperation

_ZERO_DECIMAL = "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf"
ZERO_DECIMAL = frozenset(_ZERO_DECIMAL.split())
THREE_DECIMAL = frozenset({"bhd", "jod", "kwd", "omr", "tnd"})
SYMBOLS = {"usd": "$", "eur": "€", "gbp": "£", "jpy": "¥"}


def digits(currency: str) -> int:
    """How many minor digits the currency has."""
    code = currency.lower()
    return 0 if code in ZERO_DECIMAL else 3 if code in THREE_DECIMAL else 2


def display(amount: int, currency: str) -> str:
    """An amount in minor units as Stripe's error messages write it: `$14.99`, `¥5,000`."""
    places = digits(currency)
    number = f"{Decimal(amount).scaleb(-places):,.{places}f}"
    symbol = SYMBOLS.get(currency.lower())
    return f"{symbol}{number}" if symbol else f"{number} {currency.upper()}"


def minor(text: str, currency: str) -> int:
    """Minor units of an amount typed in major units, such as `1,000.01`.

    Raises ValueError with a sentence if it is no positive amount of that currency.
    """
    try:
        scaled = Decimal(text.replace(",", "").strip()).scaleb(digits(currency))
    except InvalidOperation:
        raise ValueError(f"“{text}” is not an amount.") from None
    if not scaled.is_finite() or scaled != scaled.to_integral_value() or not 0 < scaled < 10**12:
        raise ValueError(f"“{text}” is not an amount in {currency.upper()}.")
    return int(scaled)
