import pytest
from django.utils import translation

from stripeflow.workflows.admin.editor import value_boxes
from stripeflow.workflows.admin.editor.value_boxes import BoxError, Boxes, read, show

USD = {"amount": 100050, "currency": "usd"}


@pytest.mark.parametrize(
    ("type_key", "operator", "boxes", "value"),
    [
        ("money", "greater_than", Boxes("1,000.50", currency="usd"), USD),
        ("money", "greater_than", Boxes(" $1,000.50 ", currency="usd"), USD),
        ("integer", "equal", Boxes("1,000"), 1000),
        ("integer", "is_one_of", Boxes("1,000, 2,000; 3"), [1000, 2000, 3]),
        ("decimal", "equal", Boxes("12.50"), "12.50"),
        ("string", "equal", Boxes("1"), "1"),
        ("string", "is_one_of", Boxes("a,b"), ["a", "b"]),
        ("string", "is_one_of", Boxes("a, b\nc"), ["a, b", "c"]),
        ("boolean", "changed_to", Boxes("Yes"), True),
        ("boolean", "changed_to", Boxes("no"), False),
        ("timestamp", "after", Boxes("2026-01-31 09:30"), "2026-01-31T09:30:00+00:00"),
        ("timestamp", "after", Boxes("2026-01-31T09:30:00+02:00"), "2026-01-31T09:30:00+02:00"),
        ("timestamp", "within_next_days", Boxes("30"), 30),
        ("timestamp", "within_last_days", Boxes("0.25"), 0.25),
        ("timestamp", "within_last_days", Boxes("6 hours"), {"hours": 6}),
        ("timestamp", "within_last_days", Boxes("1.5h"), {"hours": 1.5}),
        ("timestamp", "longer_ago_than", Boxes("３０ Minutes"), {"minutes": 30}),
        ("timestamp", "within_last_days", Boxes("2 days"), 2),
        ("money", "greater_than", Boxes("１，０００．５０", currency="usd"), USD),
        ("money", "equal", Boxes("￥１０００", currency="jpy"), {"amount": 1000, "currency": "jpy"}),
        ("integer", "equal", Boxes("１０００"), 1000),
        ("integer", "equal", Boxes("−５"), -5),
        ("decimal", "equal", Boxes("１２．５"), "12.5"),
        ("timestamp", "after", Boxes("２０２６-０１-３１"), "2026-01-31T00:00:00+00:00"),
        ("money", "less_than", Boxes("{{trigger.amount}}", currency="usd"), "{{ trigger.amount }}"),
        ("string", "equal", Boxes(" {{ trigger.lines.data[0].id }} "), "{{ trigger.lines.data.0.id }}"),
        ("list", "contains", Boxes("card"), "card"),
        ("any", "equal", Boxes("12"), 12),
        ("any", "equal", Boxes('"12"'), "12"),
        ("any", "equal", Boxes("twelve"), "twelve"),
        ("any", "greater_than", Boxes("12"), 12),
        ("string", "is_empty", Boxes("ignored"), None),
    ],
)
def test_boxes_are_read_by_type(type_key, operator, boxes, value):
    assert read(boxes, operator=operator, type_key=type_key) == value


@pytest.mark.parametrize(
    ("type_key", "operator", "boxes", "box"),
    [
        ("money", "greater_than", Boxes("1", currency="xxx"), "currency"),
        ("money", "greater_than", Boxes("one", currency="usd"), "value"),
        ("money", "between", Boxes("1", "two", "usd"), "upper"),
        ("money", "between", Boxes("1", "", "usd"), "upper"),
        ("integer", "equal", Boxes("1.5"), "value"),
        ("integer", "equal", Boxes("9" * 30), "value"),
        ("boolean", "changed_to", Boxes("maybe"), "value"),
        ("timestamp", "after", Boxes("2026-02-31"), "value"),
        ("timestamp", "within_last_days", Boxes("0"), "value"),
        ("timestamp", "within_last_days", Boxes("6 weeks"), "value"),
        ("timestamp", "within_last_days", Boxes("hours"), "value"),
        ("timestamp", "within_last_days", Boxes(""), "value"),
        ("timestamp", "within_last_days", Boxes("{{ trigger.created }}"), "value"),
        ("string", "equal", Boxes("  "), "value"),
        ("string", "is_one_of", Boxes("\n,\n"), "value"),
        ("string", "is_one_of", Boxes("\n".join(map(str, range(201)))), "value"),
        ("string", "equal", Boxes("{{ trigger.id | upper }}"), "value"),
    ],
)
def test_what_can_not_be_read_names_its_box_in_a_sentence(type_key, operator, boxes, box):
    with pytest.raises(BoxError) as caught:
        read(boxes, operator=operator, type_key=type_key)
    assert caught.value.box == box
    assert str(caught.value)[-1] in ".”"


@pytest.mark.parametrize(
    ("type_key", "operator", "value"),
    [
        ("money", "greater_than", USD),
        ("money", "equal", {"amount": 5000, "currency": "jpy"}),
        ("money", "between", [USD, {"amount": 200000, "currency": "usd"}]),
        ("integer", "is_one_of", [1000, 2000]),
        ("string", "is_one_of", ["a, b", "c"]),
        ("boolean", "changed_to", False),
        ("timestamp", "within_last_days", 0.25),
        ("timestamp", "within_last_days", {"hours": 6}),
        ("timestamp", "longer_ago_than", {"minutes": 90}),
        ("money", "less_than", "{{ trigger.amount }}"),
        ("timestamp", "before", "{{ trigger.created }}"),
        ("any", "equal", "{{ trigger.created }}"),
        ("timestamp", "after", "2026-01-31T09:30:00+00:00"),
        ("timestamp", "after", "2026-01-31T09:30:05+00:00"),
        ("any", "equal", "12"),
        ("any", "equal", 12),
        ("any", "equal", True),
        ("timestamp", "within_last_days", 7),
        ("string", "is_empty", None),
    ],
)
def test_a_shown_value_is_read_back_unchanged(type_key, operator, value):
    boxes = show(value, operator=operator, type_key=type_key, currency="usd")
    assert read(boxes, operator=operator, type_key=type_key) == value


def test_amounts_follow_the_readers_language():
    with translation.override("de"):
        boxes = show(USD, operator="equal", type_key="money", currency="usd")
        assert boxes.text == "1.000,50"
        assert read(boxes, operator="greater_than", type_key="money") == USD


def test_unix_seconds_are_shown_as_a_date():
    assert show(1769851800, operator="after", type_key="timestamp", currency="usd").text == "2026-01-31 09:30"


@pytest.mark.parametrize("value", ["not a date", 10**30, {"a": 1}, [[1]], "2026-01-31T09:30:00"])
def test_any_saved_value_can_be_shown(value):
    assert show(value, operator="after", type_key="timestamp", currency="usd").text


def test_the_preset_currency_stands_where_there_is_no_value():
    assert show(None, operator="", type_key="money", currency="eur") == Boxes(currency="eur")


def test_blank_parts_are_left_out():
    assert value_boxes.split("a,, b ,", "text") == ["a", "b"]
