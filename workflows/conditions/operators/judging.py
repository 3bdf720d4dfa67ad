"""The functions behind the operators: a `Case` in, a `Truth` out, or `Unfit` where it is unknown.

Texts are compared in Unicode's normal form, so that one letter is itself however it is written.
"""

import unicodedata
from collections.abc import Callable, Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from stripeflow.workflows.conditions.field_types import VALUE_TYPES, Money, WrongType
from stripeflow.workflows.conditions.operators.case import Case, Unfit
from stripeflow.workflows.conditions.operators.changes import UNCHANGED, covers, kind
from stripeflow.workflows.conditions.truth import MISSING, Truth
from stripeflow.workflows.conditions.wording import ValueInWords


def composed(value: Any) -> Any:
    """A text in normal form C; anything else as it is."""
    if not isinstance(value, str) or value.isascii():
        return value
    return unicodedata.normalize("NFC", value)


def folded(value: Any) -> Any:
    """A text without its case, by Unicode's full case folding; anything else as it is."""
    if not isinstance(value, str):
        return value
    if value.isascii():
        return value.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", value).casefold())


def trimmed(value: Any) -> Any:
    """A text without its outer spaces; anything else as it is."""
    return value.strip() if isinstance(value, str) else value


Judge = Callable[[Case], Truth]
Fold = Callable[[Any], Any]

# Stripe writes these itself; a text of any other type may have been typed by a person.
_STRIPES_OWN = frozenset({"enum", "id"})


def negated(judge: Judge) -> Judge:
    return lambda case: judge(case).negated


def equal(fold: Fold = composed) -> Judge:
    return lambda case: _equals(case, case.seen, case.expected, fold)


def one_of(fold: Fold = composed) -> Judge:
    def judge(case: Case) -> Truth:
        return _any_met(lambda wanted: _equals(case, case.seen, wanted, fold), case.expected)

    return judge


def ordered(fits: Callable[[Any, Any], bool]) -> Judge:
    return lambda case: Truth.of(fits(case.value, case.expected))


def between(case: Case) -> Truth:
    lower, upper = case.expected
    return Truth.of(lower <= case.value <= upper)


def text(fits: Callable[[str, str], bool], fold: Fold = composed) -> Judge:
    """Outer spaces of the field are not looked at, unless the value asks for them."""

    def judge(case: Case) -> Truth:
        seen, wanted = fold(case.value), fold(case.expected)
        return Truth.of(fits(seen, wanted) or fits(trimmed(seen), wanted))

    return judge


def text_one_of(fits: Callable[[str, str], bool]) -> Judge:
    """The same with any of several values."""

    def judge(case: Case) -> Truth:
        seen = composed(case.value)
        texts = (seen, trimmed(seen))
        return Truth.of(any(fits(one, composed(wanted)) for one in texts for wanted in case.expected))

    return judge


def contains(fold: Fold = composed) -> Judge:
    """A text has that text in it; a list has that item, as a whole."""
    in_text = text(lambda value, part: part in value, fold)

    def judge(case: Case) -> Truth:
        if case.seen is None and case.values == "list":
            return Truth.NOT_MET
        is_list = isinstance(case.seen, list) and case.type in {"list", "any", None}
        return _has_item(case, fold) if is_list or case.values == "list" else in_text(case)

    return judge


def true(case: Case) -> Truth:
    return Truth.of(case.seen is not None and case.value is True)


def false(case: Case) -> Truth:
    return Truth.of(case.seen is not None and case.value is False)


def empty(case: Case) -> Truth:
    return Truth.of(case.seen is None or (isinstance(case.seen, str | list | dict) and not case.seen))


def present(case: Case) -> Truth:
    return Truth.of(case.seen is not MISSING)


def within(first: int, last: int) -> Judge:
    """Between `first` and `last` times the time of the test from now, to the second."""

    def judge(case: Case) -> Truth:
        now, span = case.situation.now.timestamp(), case.expected.seconds
        return Truth.of(now + first * span <= case.value <= now + last * span)

    return judge


def longer_ago(case: Case) -> Truth:
    return Truth.of(case.value < case.situation.now.timestamp() - case.expected.seconds)


def changed(case: Case) -> Truth:
    earlier = case.earlier
    if earlier is UNCHANGED or (_is_nothing(earlier) and _is_nothing(case.seen)):
        return Truth.NOT_MET
    if earlier is MISSING or case.seen is MISSING or not covers(case.seen, earlier):
        return Truth.MET
    if isinstance(case.seen, list) and case.situation.is_partial(case.test.path):
        raise Unfit(_("{field} came without its further items."))
    return Truth.NOT_MET


def changed_from(case: Case) -> Truth:
    if changed(case) is Truth.NOT_MET:
        return Truth.NOT_MET
    return _equals(case, case.earlier, case.expected, composed, earlier=True)


def changed_to(case: Case) -> Truth:
    if changed(case) is Truth.NOT_MET:
        return Truth.NOT_MET
    return _equals(case, case.seen, case.expected, composed)


def moved(fits: Callable[[Any, Any], bool]) -> Judge:
    """Whether what the field holds now fits what it held before the event."""

    def judge(case: Case) -> Truth:
        earlier = case.earlier
        if earlier is UNCHANGED:
            return Truth.NOT_MET
        now, before = _present(case, case.seen), _present(case, earlier, earlier=True)
        if isinstance(now, Money) and now.currency != before.currency:
            raise Unfit(_("{field} was in another currency before the event."))
        return Truth.of(fits(now, before))

    return judge


def _present(case: Case, raw: Any, *, earlier: bool = False) -> Any:
    if raw is MISSING and earlier:
        raise Unfit(_("What {field} was before the event is not known."))
    if raw is MISSING:
        raise Unfit(_("{field} is missing."))
    return case.read(raw, earlier=earlier)


def _is_nothing(value: Any) -> bool:
    return value is None or value is MISSING


def _equals(case: Case, raw: Any, wanted: Any, fold: Fold, *, earlier: bool = False) -> Truth:
    """Null is a value like others, and equals none that a test may have; nor does what was taken away."""
    if _is_nothing(raw):
        return Truth.NOT_MET
    value = case.read(raw, earlier=earlier)
    if case.type in _STRIPES_OWN:
        return _alike(raw, value, wanted, fold)
    return _alike(raw, trimmed(value), trimmed(wanted), fold)


def _alike(raw: Any, value: Any, wanted: Any, fold: Fold) -> Truth:
    """Values of one kind may be equal or not; of those of two kinds nothing is said."""
    if kind(value) != kind(wanted):
        why = _("{field} was {seen}, which is not {wanted}.")
        raise Unfit(why, seen=ValueInWords(raw), wanted=VALUE_TYPES[kind(wanted)].wanted)
    return Truth.of(fold(value) == fold(wanted))


def _has_item(case: Case, fold: Fold) -> Truth:
    # A field of any type is read as a text, so its list is taken as it is.
    items = case.seen if isinstance(case.seen, list) else case.value
    found = _any_met(lambda item: _item_equals(item, case.expected, fold), items)
    if found is Truth.NOT_MET and case.situation.is_partial(case.test.path):
        raise Unfit(_("{field} came without its further items."))
    return found


def _item_equals(item: Any, wanted: Any, fold: Fold) -> Truth:
    if item is None:
        return Truth.NOT_MET
    try:
        return _alike(item, VALUE_TYPES["scalar"].read(item), wanted, fold)
    except WrongType as error:
        raise Unfit(_("{field} holds {seen}, which cannot be compared."), seen=ValueInWords(item)) from error


def _any_met(judge: Callable[[Any], Truth], candidates: Iterable[Any]) -> Truth:
    """Met if one is; unknown if none is, but one could not be judged."""
    unfit: Unfit | None = None
    for candidate in candidates:
        try:
            if judge(candidate) is Truth.MET:
                return Truth.MET
        except Unfit as error:
            unfit = unfit or error
    if unfit:
        raise unfit
    return Truth.NOT_MET
