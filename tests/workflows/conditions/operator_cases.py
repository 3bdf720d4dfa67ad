"""The table of operators × types: for each pair the value of the test, and what it makes of what it sees.

`test_operators` asserts that every pair has its rows, each with null, a missing field, and values of
wrong types.
"""

from dataclasses import dataclass, field
from typing import Any

from stripeflow.workflows.conditions import FIELD_TYPES, MISSING
from tests.workflows.conditions.judging import DAY, NO_PREVIOUS, NOW_SECONDS, Seen


@dataclass(frozen=True)
class Rows:
    """One pair: the test's value, and the values seen by what they make of the test."""

    value: Any
    met: list[Any] = field(default_factory=list)
    not_met: list[Any] = field(default_factory=list)
    unknown: list[Any] = field(default_factory=list)

    @property
    def contrary(self) -> "Rows":
        return Rows(self.value, self.not_met, self.met, self.unknown)

    @property
    def seen(self) -> list[Any]:
        return [*self.met, *self.not_met, *self.unknown]


def usd(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "usd"}


TABLE: dict[tuple[str, str], Rows] = {}


def row(operator: str, types: str, rows: Rows, contrary: str = "") -> None:
    for type_key in types.split():
        TABLE[operator, type_key] = rows
        if contrary:
            TABLE[contrary, type_key] = rows.contrary


NOT_TEXT = [MISSING, 5, True, ["abc"], {"abc": 1}]
NOT_INTEGER = [MISSING, "5", 5.0, True, [5], {}]
NOT_NUMBER = [MISSING, True, "x", [5], {}, float("nan"), float("inf")]
NOT_TIME = [MISSING, str(NOW_SECONDS), float(NOW_SECONDS), True, [NOW_SECONDS], {}]
NOT_TRUTH = [MISSING, "true", 1, 0, [], {}]
NOT_LIST = [MISSING, "a", 1, True, {"a": 1}]
OTHER_MONEY = [
    Seen(100_000, "eur"),
    Seen(100_000, MISSING),
    Seen(100_000, None),
    Seen(100_000, 5),
    Seen(100_000, ""),
]
NOT_MONEY = [MISSING, "100000", 100_000.0, True, [100_000], {}, *OTHER_MONEY]

# Equality.
row(
    "equal",
    "enum id",
    Rows("abc", ["abc"], ["ABC", "abcd", "ab", " abc", "", None], NOT_TEXT),
    "not_equal",
)
# The letter with its accent as one sign, as two, and between spaces of any width.
row(
    "equal",
    "string",
    Rows(
        "caf\u00e9",
        ["caf\u00e9", "cafe\u0301", " caf\u00e9\u3000"],
        ["Caf\u00e9", "cafe", "", None],
        NOT_TEXT,
    ),
    "not_equal",
)
row("equal", "integer", Rows(5, [5], [4, 6, -5, 0, None], NOT_INTEGER), "not_equal")
row(
    "equal",
    "decimal",
    Rows("12.50", ["12.5", "12.50", "012.5", 12.5], ["12.51", 12, "-12.5", None], NOT_NUMBER),
    "not_equal",
)
row(
    "equal",
    "money",
    Rows(usd(100_000), [100_000, Seen(100_000, "USD")], [99_999, 100_001, -100_000, None], NOT_MONEY),
    "not_equal",
)
row("equal", "any", Rows("1", ["1"], ["2", "", None], [MISSING, 1, 1.0, True, ["1"], {}]), "not_equal")
row(
    "equal_ignoring_case",
    "string any",
    Rows("Straße", ["straße", "STRASSE", "strasse", "Straße", "straße "], ["Strase", "", None], NOT_TEXT),
    "not_equal_ignoring_case",
)

# Order.
row("greater_than", "integer", Rows(5, [6, 2**70], [5, 4, -6], [None, *NOT_INTEGER]))
row("greater_or_equal", "integer", Rows(5, [5, 6], [4, -5], [None, *NOT_INTEGER]))
row("less_than", "integer", Rows(5, [4, -6], [5, 6], [None, *NOT_INTEGER]))
row("less_or_equal", "integer", Rows(5, [5, 4, -6], [6], [None, *NOT_INTEGER]))
row("between", "integer", Rows([5, 7], [5, 6, 7], [4, 8], [None, *NOT_INTEGER]))

row("greater_than", "decimal", Rows("0.3", ["0.31", 1, 0.31], ["0.3", 0.3, "-1"], [None, *NOT_NUMBER]))
row("greater_or_equal", "decimal", Rows(0.3, ["0.3", 0.3, 1], ["0.29", -1], [None, *NOT_NUMBER]))
row("less_than", "decimal", Rows("0.3", ["0.29", 0, -1.5], ["0.30", 0.3, "1"], [None, *NOT_NUMBER]))
row("less_or_equal", "decimal", Rows(0.3, ["0.3", 0.3, "-1"], ["0.31", 1], [None, *NOT_NUMBER]))
row("between", "decimal", Rows(["0.1", 1], ["0.1", 1, "1.0", 0.5], ["0.09", "1.01"], [None, *NOT_NUMBER]))

row(
    "greater_than",
    "money",
    Rows(usd(100_000), [100_001], [100_000, 99_999, -100_001], [None, *NOT_MONEY]),
)
row("greater_or_equal", "money", Rows(usd(100_000), [100_000, 100_001], [99_999], [None, *NOT_MONEY]))
row("less_than", "money", Rows(usd(1_500), [1_499, -1_500], [1_500, 1_501], [None, *NOT_MONEY]))
row("less_or_equal", "money", Rows(usd(1_500), [1_500, 1_499], [1_501], [None, *NOT_MONEY]))
row(
    "between",
    "money",
    Rows([usd(1_500), usd(2_000)], [1_500, 1_700, 2_000], [1_499, 2_001], [None, *NOT_MONEY]),
)

NOT_ANY_NUMBER = [None, "5", *NOT_NUMBER]
row("greater_than", "any", Rows(5, [6, 5.1], [5, 5.0, 4], NOT_ANY_NUMBER))
row("greater_or_equal", "any", Rows(5, [5, 5.0, 6], [4.9], NOT_ANY_NUMBER))
row("less_than", "any", Rows(5, [4, 4.9], [5, 5.0, 6], NOT_ANY_NUMBER))
row("less_or_equal", "any", Rows(5, [5, 5.0, 4], [5.1], NOT_ANY_NUMBER))
row("between", "any", Rows([5, 7], [5, 6.5, 7], [4.9, 7.1], NOT_ANY_NUMBER))

# Membership.
row(
    "is_one_of",
    "string enum id",
    Rows(["abc", "def"], ["abc", "def"], ["ABC", "abcd", "", None], NOT_TEXT),
    "is_none_of",
)
row("is_one_of", "integer", Rows([5, 7], [5, 7], [6, 0, None], NOT_INTEGER), "is_none_of")
row(
    "is_one_of",
    "any",
    Rows(["1", 2], ["1", 2, 2.0], [None], [MISSING, 1, "2", "", 3, True, [], {}]),
    "is_none_of",
)
row(
    "is_one_of_ignoring_case",
    "string any",
    Rows(["VIP", "gold"], ["vip", "GOLD"], ["VI", "", None], NOT_TEXT),
    "is_none_of_ignoring_case",
)

# Parts of texts, items of lists.
row(
    "contains",
    "string",
    Rows("bc", ["abcd", "bc"], ["aBCd", "b c", ""], [None, *NOT_TEXT]),
    "does_not_contain",
)
row(
    "contains",
    "list",
    Rows(
        "a",
        [["a"], ["b", "a", 1, {}]],
        [["b"], ["A"], ["ab"], [], [None], None],
        [*NOT_LIST, [1], [["a"]], [{}]],
    ),
    "does_not_contain",
)
row(
    "contains",
    "any",
    Rows("a", ["bab", ["a"]], ["bAb", "", [], ["ab"]], [MISSING, None, 1, True, {"a": 1}, [1]]),
    "does_not_contain",
)
row(
    "contains_ignoring_case",
    "string",
    Rows("SS", ["Maße", "ss"], ["s", ""], [None, *NOT_TEXT]),
    "does_not_contain_ignoring_case",
)
row(
    "contains_ignoring_case",
    "list",
    Rows("A", [["a"], ["A"]], [["b"], ["ab"], [], [None], None], [*NOT_LIST, [1], [{}]]),
    "does_not_contain_ignoring_case",
)
row(
    "contains_ignoring_case",
    "any",
    Rows("A", ["bab", ["a"]], ["b", "", [], ["ab"]], [MISSING, None, 1, True, {"a": 1}, [1]]),
    "does_not_contain_ignoring_case",
)
row(
    "starts_with",
    "string id any",
    Rows("ab", ["abc", "ab", " abc"], ["Abc", "cab", "a", ""], [None, *NOT_TEXT]),
)
row(
    "starts_with_one_of",
    "string id any",
    Rows(["ch_", "py_"], ["ch_1", "py_1", " py_1"], ["Py_1", "pyr_1", "", "p"], [None, *NOT_TEXT]),
)
row(
    "starts_with_ignoring_case",
    "string any",
    Rows("AB", ["abc", "AB"], ["cab", "a", ""], [None, *NOT_TEXT]),
)
row("ends_with", "string any", Rows("bc", ["abc", "bc", "abc "], ["abC", "bca", "c", ""], [None, *NOT_TEXT]))
row(
    "ends_with_ignoring_case",
    "string any",
    Rows("BC", ["abc", "BC"], ["bca", "c", ""], [None, *NOT_TEXT]),
)

# Content and presence look at every JSON value alike.
row(
    "is_empty",
    " ".join(FIELD_TYPES),
    Rows(None, [None, "", [], {}], ["a", " ", 0, 0.0, False, True, [None], {"a": None}], [MISSING]),
    "is_not_empty",
)
row(
    "is_present",
    " ".join(FIELD_TYPES),
    Rows(None, [None, "", [], {}, "a", 0, False, 5.5], [MISSING]),
    "is_missing",
)

# True and false.
row("is_true", "boolean any", Rows(None, [True], [False, None], NOT_TRUTH))
row("is_false", "boolean any", Rows(None, [False], [True, None], NOT_TRUTH))

# Times.
NOW_TEXT = "2025-06-15T14:00:00+02:00"
row("before", "timestamp any", Rows(NOW_TEXT, [NOW_SECONDS - 1, 0], [NOW_SECONDS], [None, *NOT_TIME]))
row("after", "timestamp any", Rows(NOW_TEXT, [NOW_SECONDS + 1], [NOW_SECONDS, 0], [None, *NOT_TIME]))
row(
    "between",
    "timestamp",
    Rows(
        [NOW_SECONDS, "2025-06-15T12:00:09Z"],
        [NOW_SECONDS, NOW_SECONDS + 9],
        [NOW_SECONDS - 1, NOW_SECONDS + 10],
        [None, *NOT_TIME],
    ),
)
row(
    "within_last_days",
    "timestamp any",
    Rows(
        2,
        [NOW_SECONDS, NOW_SECONDS - 2 * DAY],
        [NOW_SECONDS + 1, NOW_SECONDS - 2 * DAY - 1, 10**400],
        [None, *NOT_TIME],
    ),
)
row(
    "within_next_days",
    "timestamp any",
    Rows(
        2,
        [NOW_SECONDS, NOW_SECONDS + 2 * DAY],
        [NOW_SECONDS - 1, NOW_SECONDS + 2 * DAY + 1, -(10**400)],
        [None, *NOT_TIME],
    ),
)
row(
    "longer_ago_than",
    "timestamp any",
    Rows(
        {"hours": 6},
        [NOW_SECONDS - DAY // 4 - 1, -(10**400)],
        [NOW_SECONDS, NOW_SECONDS - DAY // 4, NOW_SECONDS + 1],
        [None, *NOT_TIME],
    ),
)


# Changes: values of the right type and of others, now and before.
def changes(type_key: str, one: Any, two: Any, value: Any = None, unfit: tuple[Any, ...] = ()) -> None:
    """`one` is what the field became or was; the test's value is `value`, by default `one`."""
    wanted = one if value is None else value
    row(
        "changed",
        type_key,
        Rows(
            None,
            [
                Seen(one, before=two),
                Seen(one, before=None),
                Seen(None, before=one),
                Seen(MISSING, before=one),
            ],
            [Seen(one), Seen(None), Seen(one, before=one), Seen(None, before=None), MISSING],
            [Seen(one, before=NO_PREVIOUS), Seen(MISSING, before=NO_PREVIOUS)],
        ),
    )
    row(
        "changed_to",
        type_key,
        Rows(
            wanted,
            [Seen(one, before=two), Seen(one, before=None)],
            [
                *(Seen(one), Seen(one, before=one), Seen(two, before=one), Seen(None, before=two)),
                *(Seen(None), MISSING, Seen(MISSING, before=two)),
            ],
            [
                Seen(one, before=NO_PREVIOUS),
                *(Seen(value, before=two) for value in unfit),
            ],
        ),
    )
    row(
        "changed_from",
        type_key,
        Rows(
            wanted,
            [Seen(two, before=one), Seen(None, before=one), Seen(MISSING, before=one)],
            [
                *(Seen(one), Seen(one, before=one), Seen(one, before=two), Seen(two, before=None)),
                *(Seen(None), MISSING),
            ],
            [
                Seen(one, before=NO_PREVIOUS),
                *(Seen(two, before=value) for value in unfit),
            ],
        ),
    )


for text_type in ("string", "enum", "id"):
    changes(text_type, "active", "past_due", unfit=(5, True, ["active"], {"a": 1}))
changes("integer", 5, 7, unfit=("5", 5.0, True, [5], {"a": 1}))
changes("decimal", "1.5", "2.5", value=1.5, unfit=("x", True, [1], {"a": 1}))
changes("money", 1_500, 2_000, value=usd(1_500), unfit=("1500", 1_500.0, True, [1_500]))
changes("boolean", True, False, unfit=("true", 1, [True], {"a": 1}))
changes("any", "active", "past_due", unfit=(5, True, ["active"], {"a": 1}))
for kept, one, two in (
    ("timestamp", NOW_SECONDS, 0),
    ("list", ["a"], ["b"]),
    ("object", {"a": 1}, {"a": 2}),
    ("metadata", {"tier": "VIP"}, {"tier": None}),
):
    changes(kept, one, two)
    del TABLE["changed_to", kept], TABLE["changed_from", kept]


def moves(type_key: str, small: Any, large: Any, unfit: tuple[Any, ...]) -> None:
    up, down = Seen(large, before=small), Seen(small, before=large)
    still = [Seen(small), Seen(small, before=small), MISSING, Seen(None)]
    unknown = [
        *(Seen(small, before=NO_PREVIOUS), Seen(MISSING, before=small), Seen(small, before=None)),
        *(Seen(None, before=small), *(Seen(value, before=small) for value in unfit)),
    ]
    row("increased", type_key, Rows(None, [up], [down, *still], unknown))
    row("decreased", type_key, Rows(None, [down], [up, *still], unknown))


moves("integer", -5, 5, unfit=("5", 5.0, True))
moves("decimal", "9.5", "10", unfit=("x", True, [5]))
moves("money", 1_499, 1_500, unfit=("1500", 1_500.0, True, [1_500]))
moves("any", 9, 9.5, unfit=("10", True, [5]))
