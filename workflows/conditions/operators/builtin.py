"""The operators that come with the package: one table."""

import operator
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from stripeflow.workflows.conditions.field_types import FIELD_TYPES
from stripeflow.workflows.conditions.operators import judging, quick
from stripeflow.workflows.conditions.operators.judging import folded
from stripeflow.workflows.conditions.operators.registry import Operator, register
from stripeflow.workflows.conditions.values import ValueKind

_ALONE = _("{field} was {seen}, which {phrase}.")
_PLAIN = _("{field} {phrase}.")
_CHANGE = _("{field} was {seen} and {phrase}.")
_CHANGE_BESIDE = _("{field} was {seen} and {phrase} {value}.")


def _types(*keys: str) -> frozenset[str]:
    return frozenset(keys)


_ALL = frozenset(FIELD_TYPES)
_EQUALITY = _types("string", "integer", "decimal", "money", "enum", "id", "any")
_MEMBERS = _types("string", "integer", "enum", "id", "any")
_ORDER = _types("integer", "decimal", "money", "any")
_TEXT = _types("string", "any")
_STARTS = _types("string", "id", "any")
_PARTS = _types("string", "list", "any")
_TIME = _types("timestamp", "any")
_TRUTH = _types("boolean", "any")
_VALUES = _EQUALITY | {"boolean"}

_ONE, _TWO, _MANY = ValueKind.ONE, ValueKind.TWO, ValueKind.MANY
_NONE, _DAYS = ValueKind.NONE, ValueKind.DAYS

_SAME = _("The same; capital letters count, outer spaces of a text do not. Null equals nothing.")
_SAME_FOLDED = _("The same but for capital and small letters and outer spaces. Null equals nothing.")
_AMOUNTS = _("Amounts are compared if they are in the same currency.")
_PART = _("A text with that text in it, or a list with that text, number, or true or false as an item.")
_CONTENT = _(
    "Without content are null, an empty text, an empty list and an empty object; 0 and false are not."
)
_THERE = _("Whether the data has the field at all. A field that is null or empty is there.")
_WHEN = _("Compared to the second; the value is a date and time with its time zone.")
_SPAN_HELP = _("Days of 24 hours, hours or minutes from the moment of the test; both ends count.")
_AGO_HELP = _("Days of 24 hours, hours or minutes before the moment of the test.")
_EARLIER = _("For fields of the trigger, and of the items of its lists, if the event says what changed.")
_MOVED = _("Compared with the value before the event; amounts if the currency is the same.")


def _pair(
    keys: tuple[str, str],
    labels: tuple[Promise, Promise],
    judge: judging.Judge,
    *,
    quick: quick.Quick | None = None,
    **rest: Any,
) -> tuple[Operator, Operator]:
    """An operator and its negation. What is unknown to one is unknown to the other."""
    yes, no = labels
    return (
        Operator(keys[0], yes, no, judge=judge, quick=quick, **rest),
        Operator(keys[1], no, yes, judge=judging.negated(judge), **rest),
    )


_TABLE: tuple[Operator, ...] = (
    *_pair(
        ("equal", "not_equal"),
        (_("is equal to"), _("is not equal to")),
        judging.equal(),
        quick=quick.same_text,
        types=_EQUALITY,
        value_kind=_ONE,
        help_text=_SAME,
    ),
    *_pair(
        ("equal_ignoring_case", "not_equal_ignoring_case"),
        (_("is equal to (ignoring case)"), _("is not equal to (ignoring case)")),
        judging.equal(folded),
        types=_TEXT,
        value_kind=_ONE,
        help_text=_SAME_FOLDED,
        any_as="text",
    ),
    Operator(
        "greater_than",
        _("is greater than"),
        _("is not greater than"),
        _ORDER,
        _ONE,
        judging.ordered(operator.gt),
        _AMOUNTS,
        any_as="number",
        quick=quick.ordered(operator.gt),
    ),
    Operator(
        "greater_or_equal",
        _("is greater than or equal to"),
        _("is not greater than or equal to"),
        _ORDER,
        _ONE,
        judging.ordered(operator.ge),
        _AMOUNTS,
        any_as="number",
        quick=quick.ordered(operator.ge),
    ),
    Operator(
        "less_than",
        _("is less than"),
        _("is not less than"),
        _ORDER,
        _ONE,
        judging.ordered(operator.lt),
        _AMOUNTS,
        any_as="number",
        quick=quick.ordered(operator.lt),
    ),
    Operator(
        "less_or_equal",
        _("is less than or equal to"),
        _("is not less than or equal to"),
        _ORDER,
        _ONE,
        judging.ordered(operator.le),
        _AMOUNTS,
        any_as="number",
        quick=quick.ordered(operator.le),
    ),
    Operator(
        "between",
        _("is between"),
        _("is not between"),
        _ORDER | {"timestamp"},
        _TWO,
        judging.between,
        _("From the first value to the second; both count. Two amounts are in one currency."),
        any_as="number",
    ),
    *_pair(
        ("is_one_of", "is_none_of"),
        (_("is one of"), _("is none of")),
        judging.one_of(),
        types=_MEMBERS,
        value_kind=_MANY,
        help_text=_SAME,
    ),
    *_pair(
        ("is_one_of_ignoring_case", "is_none_of_ignoring_case"),
        (_("is one of (ignoring case)"), _("is none of (ignoring case)")),
        judging.one_of(folded),
        types=_TEXT,
        value_kind=_MANY,
        help_text=_SAME_FOLDED,
        any_as="text",
    ),
    *_pair(
        ("contains", "does_not_contain"),
        (_("contains"), _("does not contain")),
        judging.contains(),
        types=_PARTS,
        value_kind=_ONE,
        help_text=_PART,
        any_as="text",
    ),
    *_pair(
        ("contains_ignoring_case", "does_not_contain_ignoring_case"),
        (_("contains (ignoring case)"), _("does not contain (ignoring case)")),
        judging.contains(folded),
        types=_PARTS,
        value_kind=_ONE,
        help_text=_PART,
        any_as="text",
    ),
    Operator(
        "starts_with",
        _("starts with"),
        _("does not start with"),
        _STARTS,
        _ONE,
        judging.text(str.startswith),
        _("Upper and lower case differ."),
        any_as="text",
    ),
    Operator(
        "starts_with_ignoring_case",
        _("starts with (ignoring case)"),
        _("does not start with (ignoring case)"),
        _TEXT,
        _ONE,
        judging.text(str.startswith, folded),
        _("Upper and lower case count as the same."),
        any_as="text",
    ),
    Operator(
        "starts_with_one_of",
        _("starts with one of"),
        _("does not start with one of"),
        _STARTS,
        _MANY,
        judging.text_one_of(str.startswith),
        _("Upper and lower case differ, as in the prefixes of IDs: “ch_” or “py_”."),
        any_as="text",
    ),
    Operator(
        "ends_with",
        _("ends with"),
        _("does not end with"),
        _TEXT,
        _ONE,
        judging.text(str.endswith),
        _("Upper and lower case differ."),
        any_as="text",
    ),
    Operator(
        "ends_with_ignoring_case",
        _("ends with (ignoring case)"),
        _("does not end with (ignoring case)"),
        _TEXT,
        _ONE,
        judging.text(str.endswith, folded),
        _("Upper and lower case count as the same."),
        any_as="text",
    ),
    *_pair(
        ("is_empty", "is_not_empty"),
        (_("is empty"), _("is not empty")),
        judging.empty,
        types=_ALL,
        value_kind=_NONE,
        help_text=_CONTENT,
        sentence=_ALONE,
    ),
    *_pair(
        ("is_present", "is_missing"),
        (_("is present"), _("is missing")),
        judging.present,
        types=_ALL,
        value_kind=_NONE,
        help_text=_THERE,
        sentence=_PLAIN,
        sees_missing=True,
    ),
    Operator(
        "is_true",
        _("is true"),
        _("is not true"),
        _TRUTH,
        _NONE,
        judging.true,
        _("Null is neither true nor false."),
        any_as="boolean",
        sentence=_ALONE,
        quick=quick.truth(True),
    ),
    Operator(
        "is_false",
        _("is false"),
        _("is not false"),
        _TRUTH,
        _NONE,
        judging.false,
        _("Null is neither true nor false."),
        any_as="boolean",
        sentence=_ALONE,
        quick=quick.truth(False),
    ),
    Operator(
        "before",
        _("is before"),
        _("is not before"),
        _TIME,
        _ONE,
        judging.ordered(operator.lt),
        _WHEN,
        any_as="timestamp",
    ),
    Operator(
        "after",
        _("is after"),
        _("is not after"),
        _TIME,
        _ONE,
        judging.ordered(operator.gt),
        _WHEN,
        any_as="timestamp",
    ),
    Operator(
        "within_last_days",
        _("is within the last"),
        _("is not within the last"),
        _TIME,
        _DAYS,
        judging.within(-1, 0),
        _SPAN_HELP,
        any_as="timestamp",
    ),
    Operator(
        "within_next_days",
        _("is within the next"),
        _("is not within the next"),
        _TIME,
        _DAYS,
        judging.within(0, 1),
        _SPAN_HELP,
        any_as="timestamp",
    ),
    Operator(
        "longer_ago_than",
        _("is longer ago than"),
        _("is not longer ago than"),
        _TIME,
        _DAYS,
        judging.longer_ago,
        _AGO_HELP,
        any_as="timestamp",
    ),
    Operator(
        "changed",
        _("has changed"),
        _("has not changed"),
        _ALL,
        _NONE,
        judging.changed,
        _EARLIER,
        sentence=_CHANGE,
        sees_missing=True,
        asks_earlier=True,
    ),
    Operator(
        "changed_from",
        _("has changed from"),
        _("has not changed from"),
        _VALUES,
        _ONE,
        judging.changed_from,
        _EARLIER,
        sentence=_CHANGE_BESIDE,
        sees_missing=True,
        asks_earlier=True,
    ),
    Operator(
        "changed_to",
        _("has changed to"),
        _("has not changed to"),
        _VALUES,
        _ONE,
        judging.changed_to,
        _EARLIER,
        sentence=_CHANGE_BESIDE,
        sees_missing=True,
        asks_earlier=True,
    ),
    Operator(
        "increased",
        _("has increased"),
        _("has not increased"),
        _ORDER,
        _NONE,
        judging.moved(operator.gt),
        _MOVED,
        any_as="number",
        sentence=_CHANGE,
        sees_missing=True,
        asks_earlier=True,
        compares_amounts=True,
    ),
    Operator(
        "decreased",
        _("has decreased"),
        _("has not decreased"),
        _ORDER,
        _NONE,
        judging.moved(operator.lt),
        _MOVED,
        any_as="number",
        sentence=_CHANGE,
        sees_missing=True,
        asks_earlier=True,
        compares_amounts=True,
    ),
)

for _entry in _TABLE:
    register(_entry)
