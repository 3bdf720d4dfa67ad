"""Amounts: whole numbers of minor units in definitions and at Stripe, major units before people.

Typed and shown amounts follow the separators of the reader's locale, strictly: in English "1,000.50"
and "1000.50", in German "1.000,50". A text that could be read in two ways is refused, never guessed.
"""

import re
import unicodedata
from decimal import Decimal

from django.utils import formats, translation
from django.utils.translation import gettext as _

from stripeflow.actions.currencies import CURRENCIES, WHOLE_IN_HUNDREDTHS
from stripeflow.actions.wording import worded

__all__ = [
    "CURRENCIES",
    "amount_fault",
    "currency_choices",
    "format_minor",
    "is_currency",
    "minor_digits",
    "parse_major",
    "plain",
    "typed_major",
]

# Stripe's own limits are lower; this one keeps the number within every column and format.
MAX_MINOR = 10**15
_SPACES = "\u00a0\u202f\u2009"


def is_currency(code: str) -> bool:
    """Return whether Stripe charges in this currency, in either case."""
    return code.lower() in CURRENCIES


def minor_digits(currency: str) -> int:
    """Return how many digits of the amount stand behind the decimal separator; 2 for unknown codes."""
    known = CURRENCIES.get(currency.lower())
    return known.digits if known else 2


def parse_major(text: str, currency: str, *, locale: str | None = None) -> int:
    """Return the minor units of an amount typed in major units ("1,000", "$15", "15 USD", "-3.50").

    Separators are those of `locale`, by default the active one; spaces group digits everywhere. A symbol
    or code has to be the currency's own. Raises ValueError with a sentence.
    """
    decimal_mark, group_mark = _marks(locale)
    number = _without_currency(plain(text), currency.lower())
    group = rf"[{re.escape(group_mark)} ]"
    # India groups digits in twos.
    pattern = rf"(-?)(\d+|\d{{1,3}}(?:{group}\d{{2,3}})*{group}\d{{3}})(?:{re.escape(decimal_mark)}(\d+))?"
    match = re.fullmatch(pattern, number, re.ASCII)
    if not match:
        example = format_minor(100_000 * 10 ** minor_digits(currency) // 100, currency, locale=locale)
        raise ValueError(
            _("“%(text)s” is not an amount such as %(example)s.") % {"text": text, "example": example}
        )
    sign, whole, fraction = match.groups()
    return _minor(sign + re.sub(r"\D", "", whole), (fraction or "").rstrip("0"), currency)


def plain(text: str) -> str:
    """A typed number in ordinary digits and signs: Japanese keyboards write “１，０００”."""
    return unicodedata.normalize("NFKC", text).strip().replace("\N{MINUS SIGN}", "-")


def format_minor(amount: int, currency: str, *, locale: str | None = None) -> str:
    """Return an amount of minor units for people: "$1,000.00 USD", "1,000.00 CHF", "¥5,000 JPY"."""
    known = CURRENCIES.get(currency.lower())
    sign, symbol = "-" if amount < 0 else "", known.symbol if known else ""
    return f"{sign}{symbol}{typed_major(abs(amount), currency, locale=locale)} {currency.upper()}"


def typed_major(amount: int, currency: str, *, locale: str | None = None) -> str:
    """Return an amount of minor units as a person would type it in major units: "1,000.00"."""
    digits = minor_digits(currency)
    value = Decimal(amount).scaleb(-digits)
    with translation.override(locale or translation.get_language()):
        return formats.number_format(value, decimal_pos=digits, use_l10n=True, force_grouping=True)


def amount_fault(amount: int, currency: str) -> str:
    """Return why Stripe would refuse such an amount in this currency, as a sentence, or ""."""
    code = currency.upper()
    if code.lower() in WHOLE_IN_HUNDREDTHS and amount % 100:
        return worded(_("%(currency)s has whole amounts only."), currency=code)
    if minor_digits(currency) == 3 and amount % 10:
        message = _("Stripe takes amounts in %(currency)s with at most two decimals.")
        return worded(message, currency=code)
    if abs(amount) > MAX_MINOR:
        return worded(_("The amount is too large."))
    return ""


def currency_choices() -> list[tuple[str, str]]:
    """Return (code, "USD – US dollar") of every currency, for a select."""
    return [(code, f"{code.upper()} – {_(currency.name)}") for code, currency in CURRENCIES.items()]


def _marks(locale: str | None) -> tuple[str, str]:
    with translation.override(locale or translation.get_language()):
        decimal_mark = formats.get_format("DECIMAL_SEPARATOR")
        group_mark = formats.get_format("THOUSAND_SEPARATOR")
    return decimal_mark, " " if group_mark in _SPACES else group_mark


def _without_currency(text: str, currency: str) -> str:
    """Take the currency's own code and symbol off the ends."""
    for space in _SPACES:
        text = text.replace(space, " ")
    sign, number = ("-", text[1:]) if text.startswith("-") else ("", text)
    code = re.compile(
        rf"^{re.escape(currency)}(?![a-z])\s*|\s*(?<![a-z]){re.escape(currency)}$", re.IGNORECASE
    )
    number = code.sub("", number, count=1)
    symbol = plain(CURRENCIES[currency].symbol) if currency in CURRENCIES else ""
    if symbol:
        number = number.removeprefix(symbol).removesuffix(symbol)
    return sign + number.strip()


def _minor(whole: str, fraction: str, currency: str) -> int:
    digits = minor_digits(currency)
    if len(fraction) > digits:
        message = _("An amount in %(currency)s has at most %(digits)d decimals.")
        if digits == 0:
            message = _("An amount in %(currency)s has no decimals.")
        raise ValueError(message % {"currency": currency.upper(), "digits": digits})
    minor = int(whole + fraction.ljust(digits, "0"))
    if abs(minor) > MAX_MINOR:
        raise ValueError(_("The amount is too large."))
    return minor
