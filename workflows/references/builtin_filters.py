"""The filters that come with the package: one table."""

from django.utils.translation import gettext_lazy

from stripeflow.workflows.references import arithmetic, tables
from stripeflow.workflows.references import filter_functions as functions
from stripeflow.workflows.references.filters import WRITTEN, Argument, Filter, register

_TEXT, _WHOLE = frozenset({"text"}), frozenset({"whole number"})
_LIST = frozenset({"list"})
_NO_AMOUNT = frozenset({"id", "enum", "metadata", WRITTEN})
_NO_TIME = frozenset({"id", "enum", WRITTEN})
_ZONE = Argument(
    "timezone",
    gettext_lazy("Time zone"),
    "text",
    fault=functions.timezone_fault,
    words=gettext_lazy("in {value}"),
    is_plain=True,
)
_NUMBER = Argument("number", gettext_lazy("Number"), "whole number", required=True, is_amount=True)
_OTHER_TIME = Argument(
    "other", gettext_lazy("Other time"), "", required=True, fault=arithmetic.time_fault, is_plain=True
)

_TABLE: tuple[Filter, ...] = (
    Filter(
        "money",
        gettext_lazy("Amount of money"),
        gettext_lazy(
            "Shows an amount in minor units as money; also a text of digits, and a map of amounts by "
            "currency. The currency is the nearest “currency” beside or above the value, unless the "
            "argument names one or its path."
        ),
        functions.money,
        frozenset({"whole number", "text", "object"}),
        _TEXT,
        (
            Argument(
                "currency",
                gettext_lazy("Currency"),
                "text",
                fault=functions.currency_fault,
                words=gettext_lazy("in {value}"),
                is_plain=True,
            ),
        ),
        never=_NO_AMOUNT,
        goes_unsaid=True,
    ),
    Filter(
        "date",
        gettext_lazy("Date and time"),
        gettext_lazy(
            "Shows a time in Unix seconds; also a text of digits, and a date such as 2025-01-31. The "
            "format knows %Y %m %d %H %I %M %S %p %y %j %a %A %b %B %z %Z and %%; without one it is "
            "“%Y-%m-%d %H:%M %Z”. The time zone is UTC, or the second argument, such as “Europe/Berlin”."
        ),
        functions.date,
        _WHOLE | _TEXT,
        _TEXT,
        (
            Argument(
                "format",
                gettext_lazy("Format"),
                "text",
                fault=functions.format_fault,
                words=gettext_lazy("as {value}"),
            ),
            _ZONE,
        ),
        never=_NO_TIME,
    ),
    Filter(
        "default",
        gettext_lazy("If there is no value"),
        gettext_lazy(
            "Stands in for a value that is missing or null, and for one on which a filter before it "
            "cannot work. An empty text is a value."
        ),
        functions.default,
        arguments=(Argument("value", gettext_lazy("Instead"), "", required=True),),
        takes_null=True,
        takes_missing=True,
        words=gettext_lazy("or {value}"),
    ),
    Filter(
        "upper",
        gettext_lazy("Capital letters"),
        gettext_lazy("Writes a text in capital letters."),
        functions.upper,
        _TEXT,
        _TEXT,
    ),
    Filter(
        "lower",
        gettext_lazy("Small letters"),
        gettext_lazy("Writes a text in small letters."),
        functions.lower,
        _TEXT,
        _TEXT,
    ),
    Filter(
        "trim",
        gettext_lazy("Without outer spaces"),
        gettext_lazy("Takes spaces and line breaks off both ends of a text."),
        functions.trim,
        _TEXT,
        _TEXT,
    ),
    Filter(
        "truncate",
        gettext_lazy("Shortened"),
        gettext_lazy("Cuts a text to a number of characters; the last one is then “…”."),
        functions.truncate,
        _TEXT,
        _TEXT,
        (
            Argument(
                "length",
                gettext_lazy("Characters"),
                "whole number",
                required=True,
                fault=functions.length_fault,
            ),
        ),
        words=gettext_lazy("shortened to {length} characters"),
    ),
    Filter(
        "join",
        gettext_lazy("Joined"),
        gettext_lazy("Writes the items of a list one after the other, between them “, ” or a text."),
        functions.join,
        _LIST,
        _TEXT,
        (
            Argument(
                "separator",
                gettext_lazy("Between the items"),
                "text",
                words=gettext_lazy("with {value} between"),
            ),
        ),
        plain_items=True,
    ),
    Filter(
        "map",
        gettext_lazy("One field of each item"),
        gettext_lazy(
            'Takes one field of every item of a list, as in map("description") or map("price.id"). Items '
            "that have none are left out."
        ),
        functions.of_each,
        _LIST,
        _LIST,
        (
            Argument(
                "field",
                gettext_lazy("Field of the items"),
                "text",
                required=True,
                fault=functions.name_fault,
            ),
        ),
        gives_each=True,
        words=gettext_lazy("{field} of each item"),
    ),
    Filter(
        "count",
        gettext_lazy("Number of items"),
        gettext_lazy("Counts the items of a list or the keys of an object."),
        functions.count,
        frozenset({"list", "object"}),
        _WHOLE,
    ),
    Filter(
        "first",
        gettext_lazy("First item"),
        gettext_lazy("Takes the first item of a list; of an empty list there is none."),
        functions.first,
        _LIST,
        gives_item=True,
    ),
    Filter(
        "last",
        gettext_lazy("Last item"),
        gettext_lazy("Takes the last item of a list; of an empty list there is none."),
        functions.last,
        _LIST,
        gives_item=True,
    ),
    Filter(
        "plus",
        gettext_lazy("Plus"),
        gettext_lazy(
            "Adds a whole number, such as another amount in minor units. Two amounts have to be in the same "
            "currency."
        ),
        arithmetic.plus,
        _WHOLE | _TEXT,
        _WHOLE,
        (_NUMBER,),
        never=_NO_AMOUNT,
        words=gettext_lazy("plus {number}"),
    ),
    Filter(
        "minus",
        gettext_lazy("Minus"),
        gettext_lazy(
            "Takes a whole number away, such as another amount in minor units. Two amounts have to be in the "
            "same currency."
        ),
        arithmetic.minus,
        _WHOLE | _TEXT,
        _WHOLE,
        (_NUMBER,),
        never=_NO_AMOUNT,
        words=gettext_lazy("minus {number}"),
    ),
    Filter(
        "percent",
        gettext_lazy("Percent of it"),
        gettext_lazy(
            "Takes so many percent of an amount in minor units, rounded to a whole one; half of one is "
            'rounded up, and down below zero. A percentage with a point is a text: percent("2.9").'
        ),
        arithmetic.percent,
        _WHOLE | _TEXT,
        _WHOLE,
        (
            Argument(
                "percentage",
                gettext_lazy("Percentage"),
                "",
                required=True,
                fault=arithmetic.percentage_fault,
                is_plain=True,
            ),
        ),
        never=_NO_AMOUNT,
        words=gettext_lazy("{percentage} percent of it"),
    ),
    Filter(
        "add_days",
        gettext_lazy("Days later"),
        gettext_lazy(
            "Adds days to a time in Unix seconds or to a date such as 2025-01-31; a number below zero goes "
            "back. The time of day stays the same in UTC, or in the time zone of the second argument."
        ),
        arithmetic.add_days,
        _WHOLE | _TEXT,
        _WHOLE,
        (
            Argument(
                "days", gettext_lazy("Days"), "whole number", required=True, fault=arithmetic.days_fault
            ),
            _ZONE,
        ),
        never=_NO_TIME,
        words=arithmetic.days_words,
    ),
    Filter(
        "days_until",
        gettext_lazy("Days until"),
        gettext_lazy(
            "Counts the days from a time to another one by the dates on a calendar, in UTC or in the time "
            "zone of the second argument; below zero if the other one is earlier."
        ),
        arithmetic.days_until,
        _WHOLE | _TEXT,
        _WHOLE,
        (
            _OTHER_TIME,
            _ZONE,
        ),
        never=_NO_TIME,
        words=gettext_lazy("days until {other}"),
    ),
    Filter(
        "months_until",
        gettext_lazy("Months until"),
        gettext_lazy(
            "Counts the whole months from a time to another one, in UTC or in the time zone of the second "
            "argument; below zero if the other one is earlier."
        ),
        arithmetic.months_until,
        _WHOLE | _TEXT,
        _WHOLE,
        (
            _OTHER_TIME,
            _ZONE,
        ),
        never=_NO_TIME,
        words=gettext_lazy("months until {other}"),
    ),
    Filter(
        "table",
        gettext_lazy("Table"),
        gettext_lazy(
            'Writes each item of a list on a line, with some of its fields: table("description, '
            'amount:money"). “:money” shows an amount and “:date” a time. Between the fields stands “ · ”, '
            "or the second argument."
        ),
        tables.table,
        _LIST,
        _TEXT,
        (
            Argument("fields", gettext_lazy("Fields"), "text", required=True, fault=tables.fields_fault),
            Argument(
                "separator",
                gettext_lazy("Between the fields"),
                "text",
                words=gettext_lazy("with {value} between"),
            ),
        ),
        words=gettext_lazy("each item on a line with {fields}"),
    ),
    Filter(
        "json",
        gettext_lazy("JSON"),
        gettext_lazy("Writes any value as JSON; null becomes “null”."),
        functions.as_json,
        gives=_TEXT,
        takes_null=True,
    ),
)

for _entry in _TABLE:
    register(_entry)
