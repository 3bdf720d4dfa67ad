"""What a reference's filters do, in words, each of their arguments named: "minus 500", "in Europe/Berlin"."""

from collections.abc import Callable, Iterator

from django.utils.translation import gettext as _

from stripeflow.workflows.references.filters import FILTERS, Argument, Filter
from stripeflow.workflows.references.paths import format_path
from stripeflow.workflows.references.template import FilterCall, PathArgument


def filter_words(call: FilterCall, named: Callable[[str], str], *, of_money: bool = False) -> str:
    """What one filter does, for a sentence such as "Amount, minus 500 minor units"; "" if that goes unsaid.

    `named` gives what people call the value at a path. `of_money` says that the reference is to an amount of
    money, so that numbers beside it are in minor units.
    """
    entry = FILTERS.get(call.name)
    return ", ".join(_phrases(entry, call, named, of_money)) if entry is not None else str(call)


def _phrases(entry: Filter, call: FilterCall, named: Callable[[str], str], of_money: bool) -> Iterator[str]:
    """What the filter itself does, with the arguments that its words name, then each of the others."""
    given = list(zip(entry.arguments, call.arguments, strict=False))
    written = {one.name: _written(one, value, named, of_money) for one, value in given}
    words = entry.words(call.arguments[0]) if callable(entry.words) else str(entry.words)
    if words or not entry.goes_unsaid:
        yield words.format(**written) if words else str(entry.label).lower()
    for number, (one, _value) in enumerate(given):
        is_said = number == 0 if callable(entry.words) else f"{{{one.name}}}" in words
        if not is_said:
            yield _argument(one, written[one.name])


def _argument(argument: Argument, written: str) -> str:
    if argument.words:
        return str(argument.words).format(value=written)
    return _("{label}: {value}").format(label=str(argument.label).lower(), value=written)


def _written(argument: Argument, value: object, named: Callable[[str], str], of_money: bool) -> str:
    """The argument: the name of a path's value, a number, or a text in quotation marks."""
    if isinstance(value, PathArgument):
        return named(format_path(value.path))
    if isinstance(value, str) and not argument.is_plain:
        return _("“%s”") % value
    if of_money and argument.is_amount:
        return _("%s minor units") % value
    return str(value)
