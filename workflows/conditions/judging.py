"""The functions behind the operators: a `Case` in, a `Truth` out, or `Unfit` where it is unknown."""

from collections.abc import Callable, Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from workflows.conditions.case import Case, Unfit
from workflows.conditions.changes import UNCHANGED
from workflows.conditions.field_types import VALUE_TYPES, WrongType
from workflows.conditions.missing import MISSING
from workflows.conditions.sameness import covers, kind
from workflows.conditions.shown import Shown
from workflows.conditions.truth import Truth

Judge = Callable[[Case], Truth]
Fold = Callable[[Any], Any]

DAY = 86_400


def plain(value: Any) -> Any:
    return value


def folded(value: Any) -> Any:
    """A text without its case, by Unicode's full case folding; anything else as it is."""
    return value.casefold() if isinstance(value, str) else value


def negated(judge: Judge) -> Judge:
    return lambda case: judge(case).negated


def equal(fold: Fold = plain) -> Judge:
    return lambda case: _equals(case, case.seen, case.expected, fold)


def one_of(fold: Fold = plain) -> Judge:
    def judge(case: Case) -> Truth:
        return _any_met(lambda wanted: _equals(case, case.seen, wanted, fold), case.expected)

    return judge


def ordered(fits: Callable[[Any, Any], bool]) -> Judge:
    return lambda case: Truth.of(fits(case.value, case.expected))


def between(case: Case) -> Truth:
    lower, upper = case.expected
    return Truth.of(lower <= case.value <= upper)


def text(fits: Callable[[str, str], bool], fold: Fold = plain) -> Judge:
    return lambda case: Truth.of(fits(fold(case.value), fold(case.expected)))


def contains(fold: Fold = plain) -> Judge:
    """A text has that text in it; a list has that item, as a whole."""
    in_text = text(lambda value, part: part in value, fold)

    def judge(case: Case) -> Truth:
        is_list = isinstance(case.seen, list) and case.test.type in {"list", "any", None}
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


def within_days(first: int, last: int) -> Judge:
    """Between `first` and `last` times the days of the test from now, to the second."""

    def judge(case: Case) -> Truth:
        now, days = case.situation.now.timestamp(), case.expected * DAY
        return Truth.of(now + first * days <= case.value <= now + last * days)

    return judge


def changed(case: Case) -> Truth:
    earlier = case.earlier
    if earlier is UNCHANGED:
        return Truth.NOT_MET
    return Truth.of(earlier is MISSING or not covers(case.seen, earlier))


def changed_from(case: Case) -> Truth:
    if changed(case) is Truth.NOT_MET:
        return Truth.NOT_MET
    if case.earlier is MISSING:
        raise Unfit(_("What {field} was before the event is not known."))
    return _equals(case, case.earlier, case.expected, plain, earlier=True)


def changed_to(case: Case) -> Truth:
    if changed(case) is Truth.NOT_MET:
        return Truth.NOT_MET
    return _equals(case, case.seen, case.expected, plain)


def _equals(case: Case, raw: Any, wanted: Any, fold: Fold, *, earlier: bool = False) -> Truth:
    """Null is a value like others, and equals none that a test may have."""
    if raw is None:
        return Truth.NOT_MET
    return _alike(raw, case.read(raw, earlier=earlier), wanted, fold)


def _alike(raw: Any, value: Any, wanted: Any, fold: Fold) -> Truth:
    """Values of one kind may be equal or not; of those of two kinds nothing is said."""
    if kind(value) != kind(wanted):
        why = _("{field} was {seen}, which is not {wanted}.")
        raise Unfit(why, seen=Shown(raw), wanted=VALUE_TYPES[kind(wanted)].wanted)
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
        raise Unfit(_("{field} holds {seen}, which cannot be compared."), seen=Shown(item)) from error


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
