import pytest

from stripeflow.workflows.references import FILTERS, FilterFailed, MissingValue, Shape, fit, parse, render
from stripeflow.workflows.references.filters import KINDS, kind_of, usage

SCOPE = {
    "trigger": {
        "amount": 123_456,
        "currency": "usd",
        "tip": {"amount": 500},
        "yen": {"amount": 5_000, "currency": "JPY"},
        "odd": {"amount": 5, "currency": None},
        "huge": 10**16,
        "created": 1_750_000_000,
        "never": 10**18,
        "null": None,
        "empty": "",
        "name": "  Ann Straße ",
        "tags": ["a", None, 5, True, 1.5],
        "nested": [[1]],
        "none": [],
        "nulls": [None],
        "length": 3,
        "zone": "Asia/Tokyo",
        "paid": True,
        "metadata": {"a": "1", "b": "2"},
        "more": {"total": " 1200 ", "exact": "1200.00", "day": "2025-06-15", "no": "x"},
        "refunded": 3_456,
        "rate": "2.9",
        "many": "a,b,c,d,e,f,g,h,i,j,k",
        "paid_at": 1_751_400_000,
        "moment": "2025-06-15T17:06:40+02:00",
        "seconds": "1750000000",
        "nowhere": [{"amount": 5}],
        "available": {"eur": 500, "jpy": 70},
        "lines": [
            {"description": "A", "price": {"id": "price_a"}, "amount": 5},
            {"description": None},
            {"description": "C", "price": {"id": "price_c"}},
            "odd",
        ],
    },
    "event": {"data": {"previous_attributes": {"amount": 100, "yen": {"amount": 7}}}},
    "steps": {"get": {"amount": 300, "deep": {"amount": 1}}},
}

LINES = "A · price_a · $0.05 USD\n– · – · –\nC · price_c · –\n– · – · –"
# Template, and what becomes of it.
WORKS = [
    ("trigger.amount | money", "$1,234.56 USD"),
    ("trigger.yen.amount | money", "¥5,000 JPY"),
    ("trigger.tip.amount | money(trigger.currency)", "$5.00 USD"),
    ("trigger.amount | money('eur')", "€1,234.56 EUR"),
    ("trigger.null | money", None),
    ("trigger.tip.amount | money", "$5.00 USD"),
    ("trigger.nowhere.0.amount | money", "$0.05 USD"),
    ("event.data.previous_attributes.amount | money", "$1.00 USD"),
    ("event.data.previous_attributes.yen.amount | money", "¥7 JPY"),
    ("trigger.more.total | money('usd')", "$12.00 USD"),
    ("trigger.more.exact | money", "$12.00 USD"),
    ("trigger.available | money", "€5.00 EUR, ¥70 JPY"),
    ("trigger.available.eur | money", "€5.00 EUR"),
    ("trigger.seconds | date", "2025-06-15 15:06 UTC"),
    ("trigger.moment | date", "2025-06-15 15:06 UTC"),
    ("trigger.moment | date('%H:%M', 'Europe/Berlin')", "17:06"),
    ("trigger.more.day | date", "2025-06-15"),
    ("trigger.more.day | date('%d.%m.%Y')", "15.06.2025"),
    ("trigger.lines | map('description') | join", "A, C"),
    ("trigger.lines | map('price.id') | last", "price_c"),
    ("trigger.lines | map('nothing') | count", 0),
    ("trigger.odd.amount | money | default('none')", "none"),
    ("trigger.more.no | money('usd') | default('none')", "none"),
    ("trigger.more.no | date | default(0)", 0),
    ("trigger.amount | money(trigger.gone) | default('none')", "none"),
    ("trigger.gone | default(trigger.gone) | default('none')", "none"),
    ("trigger.paid | upper | trim | default('none')", "none"),
    ("trigger.created | date", "2025-06-15 15:06 UTC"),
    ("trigger.created | date('%d.%m.%y %H:%M:%S %%')", "15.06.25 15:06:40 %"),
    ("trigger.created | date('%A %a %B %b %j %I %p', 'Europe/Berlin')", "Sunday Sun June Jun 166 05 PM"),
    ("trigger.created | date('%H:%M %Z %z', trigger.zone)", "00:06 JST +0900"),
    ("trigger.amount | minus(trigger.refunded)", 120_000),
    ("trigger.amount | minus(trigger.refunded) | money", "$1,200.00 USD"),
    ("trigger.more.total | plus(50)", 1_250),
    ("trigger.amount | minus(steps.get.amount)", 123_156),
    ("trigger.amount | minus(event.data.previous_attributes.amount)", 123_356),
    ("trigger.refunded | percent(10)", 346),
    ("trigger.tip.amount | percent(trigger.rate)", 15),
    ("trigger.tip.amount | percent('-0.1')", -1),
    ("trigger.created | add_days(7) | date", "2025-06-22 15:06 UTC"),
    ("trigger.created | add_days(-7)", 1_749_395_200),
    ("trigger.more.day | add_days(16) | date('%Y-%m-%d')", "2025-07-01"),
    ("trigger.created | days_until(trigger.paid_at)", 16),
    ("trigger.created | days_until(trigger.paid_at, trigger.zone)", 16),
    ("trigger.paid_at | days_until(trigger.more.day)", -16),
    ("trigger.created | months_until('2026-06-14')", 11),
    ("trigger.created | months_until('2026-06-15')", 12),
    ("trigger.created | months_until('2025-04-16')", -1),
    ("trigger.lines | table('description, price.id, amount:money')", LINES),
    ("trigger.nowhere | table('amount:money, gone', '; ')", "$0.05 USD; –"),
    ("trigger.none | table('a')", ""),
    ("trigger.name | upper", "  ANN STRASSE "),
    ("trigger.name | lower", "  ann straße "),
    ("trigger.name | trim", "Ann Straße"),
    ("trigger.name | trim | truncate(5)", "Ann …"),
    ("trigger.name | trim | truncate(10)", "Ann Straße"),
    ("trigger.name | trim | truncate(trigger.length)", "An…"),
    ("trigger.name | truncate(1)", "…"),
    ("trigger.tags | join", "a, , 5, true, 1.5"),
    ("trigger.tags | join('')", "a5true1.5"),
    ("trigger.none | join", ""),
    ("trigger.tags | count", 5),
    ("trigger.metadata | count", 2),
    ("trigger.none | count", 0),
    ("trigger.tags | first", "a"),
    ("trigger.tags | last", 1.5),
    ("trigger.nulls | first", None),
    ("trigger.none | first | default('none')", "none"),
    ("trigger.none | last | upper | default('none')", "none"),
    ("trigger.null | default('none')", "none"),
    ("trigger.null | default(0)", 0),
    ("trigger.null | default(trigger.currency)", "usd"),
    ("trigger.gone | default('none')", "none"),
    ("trigger.gone.further | money | default('none')", "none"),
    ("trigger.empty | default('none')", ""),
    ("trigger.amount | default('none')", 123_456),
    ("trigger.null | upper", None),
    ("trigger.null | count", None),
    ("trigger.null | json", "null"),
    ("trigger.metadata | json", '{"a":"1","b":"2"}'),
    ("trigger.name | json", '"  Ann Straße "'),
]

FAILS = [
    (
        "steps.get.deep.amount | money",
        "No currency stands beside the amount. Name one, as in money(trigger.currency).",
    ),
    ("trigger.odd.amount | money", "The currency beside the amount is not a text."),
    (
        "trigger.amount | money(trigger.name)",
        "“  Ann Straße ” is not a currency. Its code has three letters, such as usd.",
    ),
    ("trigger.amount | money(trigger.amount)", "“Currency” has to be a text."),
    ("trigger.huge | money", "The amount is too large."),
    (
        "trigger.paid | money",
        "The filter “money” needs a text or a whole number or an object, and the value is true or false.",
    ),
    ("trigger.metadata | money", "“a” is not a currency. Its code has three letters, such as usd."),
    ("trigger.name | money('usd')", "It is not a whole number of minor units, such as 1200 for 12.00."),
    ("trigger.name | date", "The text is no time: neither Unix seconds nor a date such as 2025-01-31."),
    (
        "trigger.lines | map(trigger.name)",
        "“  Ann Straße ” is not the name of a field, such as description or price.id.",
    ),
    (
        "trigger.name | map('a') | default(trigger.paid) | upper",
        "The filter “upper” needs a text, and the value is true or false.",
    ),
    ("trigger.never | date", "The time is out of range."),
    (
        "trigger.created | date('%Y', trigger.name)",
        "“  Ann Straße ” is not a time zone. Write one such as Europe/Berlin.",
    ),
    ("trigger.created | date(trigger.length)", "“Format” has to be a text."),
    ("trigger.name | truncate(trigger.huge)", "The number of characters is from 1 to 100000."),
    ("trigger.amount | truncate(5)", "The filter “truncate” needs a text, and the value is a whole number."),
    ("trigger.name | join", "The filter “join” needs a list, and the value is a text."),
    ("trigger.nested | join", "The list holds objects or lists; only plain values can be joined."),
    ("trigger.name | count", "The filter “count” needs a list or an object, and the value is a text."),
    ("trigger.metadata | first", "The filter “first” needs a list, and the value is an object."),
    ("trigger.none | first", "The list is empty."),
    ("trigger.amount | minus(trigger.yen.amount)", "One amount is in USD and the other in JPY."),
    ("trigger.amount | plus(trigger.rate)", "“Number” has to be a whole number."),
    (
        "trigger.amount | percent(trigger.zone)",
        '“Asia/Tokyo” is not a percentage. Write one such as 10 or "2.9".',
    ),
    ("trigger.huge | plus(0)", "The amount is too large."),
    ("trigger.created | add_days(trigger.amount)", "The number of days is from -36500 to 36500."),
    (
        "trigger.more.day | add_days(trigger.length, trigger.name)",
        "“  Ann Straße ” is not a time zone. Write one such as Europe/Berlin.",
    ),
    (
        "trigger.created | days_until(trigger.tags)",
        "It is no time: neither Unix seconds nor a date such as 2025-01-31.",
    ),
    (
        "trigger.created | days_until(trigger.name)",
        "The text is no time: neither Unix seconds nor a date such as 2025-01-31.",
    ),
    (
        "trigger.lines | table(trigger.name)",
        '“Ann Straße” is not a field. Write them with commas, as in "description, amount:money".',
    ),
    (
        "trigger.lines | table('price:date')",
        "It is no time: neither Unix seconds nor a date such as 2025-01-31.",
    ),
    (
        "trigger.lines | table('price:money')",
        "It is not a whole number of minor units, such as 1200 for 12.00.",
    ),
    ("trigger.lines | table(trigger.many)", "A line has at most 10 fields."),
    ("trigger.empty | first", "The filter “first” needs a list, and the value is a text."),
]


@pytest.mark.parametrize(("reference", "value"), WORKS)
def test_filters(reference, value):
    rendered = render(f"{{{{ {reference} }}}}", SCOPE)
    assert rendered == value
    assert type(rendered) is type(value)


@pytest.mark.parametrize(("reference", "reason"), FAILS)
def test_says_why_it_cannot_filter(reference, reason):
    with pytest.raises(FilterFailed) as caught:
        render(f"{{{{ {reference} }}}}", SCOPE)
    assert caught.value.reason == reason


def test_every_filter_is_shown_at_work():
    shown = {
        call.name for reference, _ in WORKS for call in parse(f"{{{{ {reference} }}}}").references[0].filters
    }
    assert shown == set(FILTERS)


@pytest.mark.parametrize("name", ["money", "upper", "count", "json", "first"])
def test_missing_values_stay_missing(name):
    with pytest.raises(MissingValue):
        render(f"{{{{ trigger.gone | {name} }}}}", SCOPE)


def test_missing_arguments_are_missing_values():
    with pytest.raises(MissingValue) as caught:
        render("{{ trigger.amount | money(trigger.gone) }}", SCOPE)
    assert caught.value.path == "trigger.gone"


def test_amounts_and_dates_follow_the_locale():
    assert render("{{ trigger.amount | money }}", SCOPE, locale="de") == "$1.234,56 USD"
    assert render("{{ trigger.created | date('%A, %d. %B') }}", SCOPE, locale="de") == "Sonntag, 15. Juni"


@pytest.mark.parametrize(
    ("hour", "expected"),
    [(0, "12 AM"), (1, "01 AM"), (11, "11 AM"), (12, "12 PM"), (13, "01 PM"), (23, "11 PM")],
)
def test_hours_before_and_after_noon(hour, expected):
    assert render("{{ item | date('%I %p') }}", {"item": hour * 3_600}) == expected


@pytest.mark.parametrize("entry", FILTERS.values(), ids=lambda entry: entry.key)
def test_every_filter_says_what_it_does(entry):
    assert str(entry.label)
    assert str(entry.help_text).endswith(".")
    assert entry.accepts | entry.gives <= KINDS.keys()
    assert all(str(argument.label) for argument in entry.arguments)


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("upper", "upper"),
        ("money", "money([currency])"),
        ("date", "date([format], [timezone])"),
        ("default", "default(value)"),
    ],
)
def test_usage(key, expected):
    assert usage(FILTERS[key]) == expected


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("", "text"),
        (0, "whole number"),
        (0.0, "number"),
        (False, "true or false"),
        ([], "list"),
        ({}, "object"),
        (None, "null"),
    ],
)
def test_kinds_of_values(value, kind):
    assert kind_of(value) == kind


@pytest.mark.parametrize(
    ("filters", "kind", "fault"),
    [
        ("money", "money", ""),
        ("money", "integer", ""),
        ("money", "string", ""),
        ("money", "object", ""),
        (
            "money",
            "id",
            "The filter “money” has no meaning for an ID.",
        ),
        ("upper", "enum", ""),
        ("upper", "decimal", ""),
        ("upper", "boolean", "The filter “upper” needs a text, and the value is true or false."),
        ("money | upper", "money", ""),
        (
            "money | date",
            "money",
            "The filter “date” has no meaning for a text that another filter has written.",
        ),
        ("upper | money", "string", ""),
        (
            "upper | money",
            "enum",
            "The filter “money” has no meaning for a choice.",
        ),
        ("money", "metadata", "The filter “money” has no meaning for all metadata at once."),
        ("date", "timestamp", ""),
        ("first | money", "list", ""),
        ("first", "string", "The filter “first” needs a list, and the value is a text."),
        ("count", "metadata", ""),
        ("json | upper", "object", ""),
        ("join", "any", ""),
        ("join", "unheard of", ""),
        ("map('x') | join", "list", ""),
        ("map('x')", "object", "The filter “map” needs a list, and the value is an object."),
        ("default('x') | upper", "string", ""),
        ("default('x') | money", "integer", ""),
        (
            "default('x') | join",
            "integer",
            "The filter “join” needs a list, and the value is a whole number.",
        ),
        ("default(trigger.x) | join", "list", ""),
        ("default(trigger.list) | join", "list", ""),
        (
            "default(trigger.string) | join",
            "list",
            "The filter “join” needs a list, and the value is a text.",
        ),
        ("money(trigger.string)", "integer", ""),
        (
            "money(trigger.integer)",
            "integer",
            "“Currency” has to be a text, and “trigger.integer” is a whole number.",
        ),
    ],
)
def test_checks_filters_against_the_type_of_a_field(filters, kind, fault):
    assert fitting(filters, Shape.of(kind)).fault == fault


def fitting(filters, shape, inside="any"):
    (reference,) = parse(f"{{{{ trigger.field | {filters} }}}}").references
    return fit(reference, shape, inside=lambda name: Shape.of(inside), of=lambda path: Shape.of(path[-1]))


OBJECTS = Shape.of("list", Shape.of("object"))


@pytest.mark.parametrize(
    ("filters", "inside", "is_fine"),
    [
        ("join", "any", False),
        ("map('a') | join", "string", True),
        ("map('a') | join", "object", False),
        ("map('a') | map('b') | join", "list", True),
        ("first | upper", "any", False),
        ("first | count", "any", True),
        ("last | map('a')", "any", False),
    ],
)
def test_items_that_are_objects_cannot_be_written_as_they_are(filters, inside, is_fine):
    assert (fitting(filters, OBJECTS, inside).fault == "") is is_fine


@pytest.mark.parametrize(
    ("filters", "kind", "kinds"),
    [
        ("trim", "string", {"text"}),
        ("count", "list", {"whole number"}),
        ("default(0)", "string", {"text", "whole number"}),
        ("default(0)", "any", {"whole number"}),
        ("first", "list", set()),
    ],
)
def test_says_what_comes_out_of_the_filters(filters, kind, kinds):
    found = fitting(filters, Shape.of(kind)).shapes
    assert frozenset().union(*(shape.kinds for shape in found)) == kinds


@pytest.mark.parametrize(
    ("start", "days", "zone", "shown"),
    [
        ("2025-03-29T12:00:00+01:00", 1, "Europe/Berlin", "2025-03-30 12:00 CEST"),
        ("2025-03-29T12:00:00+01:00", 1, "UTC", "2025-03-30 13:00 CEST"),
        ("2025-10-26T12:00:00+01:00", -1, "Europe/Berlin", "2025-10-25 12:00 CEST"),
    ],
)
def test_a_day_later_is_the_same_time_of_day_in_the_zone(start, days, zone, shown):
    template = f"{{{{ item | add_days({days}, '{zone}') | date('%Y-%m-%d %H:%M %Z', 'Europe/Berlin') }}}}"
    assert render(template, {"item": start}) == shown


@pytest.mark.parametrize(("zone", "days"), [("UTC", 0), ("Asia/Tokyo", 1)])
def test_days_are_those_of_a_calendar_in_the_zone(zone, days):
    times = {"item": {"start": "2025-06-15T14:30:00+00:00", "end": "2025-06-15T15:30:00+00:00"}}
    assert render(f"{{{{ item.start | days_until(item.end, '{zone}') }}}}", times) == days


def test_a_table_keeps_each_item_on_one_line():
    items = {"item": [{"name": "one\ntwo"}, {"name": "three"}]}
    assert render("{{ item | table('name') }}", items) == "one two\nthree"


def test_a_table_shows_each_amount_in_the_currency_of_its_item():
    items = {"item": {"currency": "usd", "of": [{"n": 5, "currency": "eur"}, {"n": 5}]}}
    assert render("{{ item.of | table('n:money') }}", items) == "€0.05 EUR\n$0.05 USD"
