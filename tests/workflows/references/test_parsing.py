import pytest

from stripeflow.workflows.references import (
    FilterCall,
    PathArgument,
    Reference,
    TemplateError,
    parse,
    parse_path,
)
from stripeflow.workflows.references.template import Template


def reference(*path, filters=()):
    return Reference(tuple(path), tuple(filters))


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", ()),
        ("plain", ("plain",)),
        ("{ single } and }} closing", ("{ single } and }} closing",)),
        ("{{ trigger.id }}", (reference("trigger", "id"),)),
        ("{{trigger.id}}", (reference("trigger", "id"),)),
        ("{{\n\ttrigger . id\n}}", (reference("trigger", "id"),)),
        ("a{{ trigger.id }}b", ("a", reference("trigger", "id"), "b")),
        ("{{ event.id }}{{ item }}", (reference("event", "id"), reference("item"))),
        ("{{ steps.get_charge.amount }}", (reference("steps", "get_charge", "amount"),)),
        ("{{ trigger.lines.data.0.id }}", (reference("trigger", "lines", "data", 0, "id"),)),
        ("{{ trigger.lines[0].id }}", (reference("trigger", "lines", 0, "id"),)),
        ('{{ trigger.metadata["order id"] }}', (reference("trigger", "metadata", "order id"),)),
        ("{{ trigger.metadata['a\"b'] }}", (reference("trigger", "metadata", 'a"b'),)),
        ('{{ trigger.metadata["0"] }}', (reference("trigger", "metadata", "0"),)),
        ('{{ trigger.metadata["}}"] }}', (reference("trigger", "metadata", "}}"),)),
        ("{{ trigger.metadata.007 }}", (reference("trigger", "metadata", "007"),)),
        ("{{ trigger.metadata.order-id }}", (reference("trigger", "metadata", "order-id"),)),
        ("{{ trigger.metadata.Größe }}", (reference("trigger", "metadata", "Größe"),)),
        ("{{ trigger.__class__ }}", (reference("trigger", "__class__"),)),
        ("{{ trigger.id|upper }}", (reference("trigger", "id", filters=[FilterCall("upper")]),)),
        (
            "{{ trigger.id | trim | truncate(5) }}",
            (reference("trigger", "id", filters=[FilterCall("trim"), FilterCall("truncate", (5,))]),),
        ),
        (
            "{{ trigger.created | date('%Y', \"Europe/Berlin\") }}",
            (reference("trigger", "created", filters=[FilterCall("date", ("%Y", "Europe/Berlin"))]),),
        ),
        (
            "{{ trigger.tip | money(trigger.currency) }}",
            (
                reference(
                    "trigger",
                    "tip",
                    filters=[FilterCall("money", (PathArgument(("trigger", "currency")),))],
                ),
            ),
        ),
        (
            "{{ trigger.id | default(-1) }}",
            (reference("trigger", "id", filters=[FilterCall("default", (-1,))]),),
        ),
        ('{{ "{{" }}', ("{{",)),
        ('a {{ "{{" }} b }}', ("a {{ b }}",)),
        ('{{ "say \\"hi\\" \\\\ \\n\\t\\\'" }}', ('say "hi" \\ \n\t\'',)),
        ('{"amount":{{ trigger.amount }}}', ('{"amount":', reference("trigger", "amount"), "}")),
    ],
)
def test_reads_texts_and_references(text, parts):
    assert parse(text) == Template(parts)


@pytest.mark.parametrize(
    ("text", "message", "position"),
    [
        ("a {{ trigger.id", "This “{{” has no “}}” that closes it.", 2),
        ("{{ trigger.id }", "“}” cannot stand here.", 14),
        ("{{", "Expected a name, found nothing.", 2),
        ("{{ }}", "Expected a name, found “}}”.", 3),
        ("{{{ trigger.id }}}", "“{” cannot stand here.", 2),
        ("{{ trigger. }}", "Expected a name, found “}}”.", 12),
        ("{{ trigger..id }}", "Expected a name, found “.”.", 11),
        ("{{ .id }}", "Expected a name, found “.”.", 3),
        ("{{ trigger id }}", "Expected “}}”, found “id”.", 11),
        ("{{ trigger.id() }}", "Expected “}}”, found “(”.", 13),
        ("{{ trigger[id] }}", "Expected a text in quotes or the number of an item, found “id”.", 11),
        ("{{ trigger[-1] }}", "Expected a text in quotes or the number of an item, found “-1”.", 11),
        ("{{ trigger[0 }}", "Expected “]”, found “}}”.", 13),
        ("{{ trigger.id + 1 }}", "“+” cannot stand here.", 14),
        ("{{ trigger.id | }}", "Expected the name of a filter, found “}}”.", 16),
        ("{{ trigger.id | upper() }}", "Expected a name, found “)”.", 22),
        ("{{ trigger.id | default('a' }}", "Expected “)”, found “}}”.", 28),
        ("{{ trigger.id | default('a }}", "This quotation mark is not closed.", 24),
        ('{{ "a\\q" }}', "“\\q” means nothing here. Write “\\\\” for a backslash.", 3),
        ('{{ "a" | upper }}', "Expected “}}”, found “|”.", 7),
        (
            "{{ customer.id }}",
            "A reference cannot start with “customer”. It starts with one of: trigger, event, steps, item, "
            "input, canceled_by.",
            3,
        ),
        (
            "{{ trigger.id | default(foo.id) }}",
            "A reference cannot start with “foo”. "
            "It starts with one of: trigger, event, steps, item, input, canceled_by.",
            24,
        ),
        (
            "{{ trigger.id | shout }}",
            "There is no filter “shout”. The filters are: money, date, default, upper, lower, trim, "
            "truncate, join, map, count, first, last, "
            "plus, minus, percent, add_days, days_until, months_until, table, json.",
            16,
        ),
        ("{{ trigger.id | default }}", "The filter “default” is written default(value).", 16),
        ("{{ trigger.id | upper(1) }}", "The filter “upper” is written upper.", 16),
        (
            "{{ trigger.id | date('%Y', 'UTC', 1) }}",
            "The filter “date” is written date([format], [timezone]).",
            16,
        ),
        ("{{ trigger.id | default(1,2,3,4,5,6) }}", "The filter has too many arguments.", 33),
        ("{{ trigger.id | truncate('5') }}", "“Characters” has to be a whole number.", 16),
        ("{{ trigger.id | truncate(0) }}", "The number of characters is from 1 to 100000.", 16),
        (
            "{{ trigger.id | money('dollar') }}",
            "“dollar” is not a currency. Its code has three letters, such as usd.",
            16,
        ),
        ("{{ trigger.id | date('%Q') }}", "“%Q” is not known in a date format.", 16),
        ("{{ trigger.id | date('%') }}", "“%” is not known in a date format.", 16),
        (
            "{{ trigger.id | date('%Y', 'Mars') }}",
            "“Mars” is not a time zone. Write one such as Europe/Berlin.",
            16,
        ),
        (
            "{{ trigger.id | date('%Y', '../../etc/passwd') }}",
            "“../../etc/passwd” is not a time zone. Write one such as Europe/Berlin.",
            16,
        ),
    ],
)
def test_says_what_cannot_be_read_and_where(text, message, position):
    with pytest.raises(TemplateError) as caught:
        parse(text)
    assert (caught.value.message, caught.value.position) == (message, position)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x" * 100_001, "The text is longer than 100000 characters."),
        ("{{ item }}" * 201, "The text has more than 200 references."),
        ("{{ item" + ".a" * 50 + " }}", "The path has more than 50 parts."),
        ("{{ item" + " | trim" * 11 + " }}", "The reference has more than 10 filters."),
    ],
)
def test_refuses_what_is_too_large(text, message):
    with pytest.raises(TemplateError) as caught:
        parse(text)
    assert caught.value.message == message


@pytest.mark.parametrize(
    "text",
    ["x" * 100_000, "{{ item }}" * 200, "{{ item" + ".a" * 49 + " }}", "{{ item" + " | trim" * 10 + " }}"],
)
def test_reads_up_to_the_limits(text):
    assert str(parse(text)) == text


@pytest.mark.parametrize("text", ["{{", "{{" * 50_000, '{{ "' + '\\"' * 40_000, "{{ item" + "[0]" * 30_000])
def test_unclosed_and_repeated_marks_are_refused_at_once(text):
    with pytest.raises(TemplateError):
        parse(text)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("trigger.amount", ("trigger", "amount")),
        (" trigger.amount ", ("trigger", "amount")),
        ("item", ("item",)),
        ('trigger.metadata["a.b"].0', ("trigger", "metadata", "a.b", 0)),
        ("anything.else", ("anything", "else")),
    ],
)
def test_reads_a_path_alone(text, path):
    assert parse_path(text) == path


@pytest.mark.parametrize("text", ["", " ", "a.", ".a", "a b", "a | upper", "{{ a }}", "a]", '"a"'])
def test_refuses_what_is_no_path(text):
    with pytest.raises(TemplateError):
        parse_path(text)
