"""A table of inputs: which columns are read, what a cell may say, and what is refused."""

import pytest

from stripeflow.workflows.audit.acts import NotPossible
from stripeflow.workflows.definition.on_demand.kinds import KINDS, Declared
from stripeflow.workflows.operations import table
from stripeflow.workflows.operations.table import read

CHARGE = Declared("charge", "stripe_id", "Charge", required=True, of="charge")
AMOUNT = Declared("amount", "amount", "Amount")


def values(declared, text, columns=None):
    return [row.values for row in read(declared, text, columns).rows]


def test_a_list_of_ids_needs_no_header():
    found = read((CHARGE, AMOUNT), "ch_1\n\n ch_2 \n")
    assert [(row.number, row.values) for row in found.rows] == [
        (1, {"charge": "ch_1"}),
        (3, {"charge": "ch_2"}),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "charge,amount,amount_currency\nch_1,48.5,USD\n",
        "Charge;Amount;Amount_Currency\r\nch_1;48.50;usd\r\n",
        '\ufeffnote\tcharge\tamount\tamount_currency\n"a\tb"\tch_1\t48.5\tusd\n',
    ],
)
def test_columns_are_found_by_name_or_label(text):
    assert values((CHARGE, AMOUNT), text) == [
        {"charge": "ch_1", "amount": {"amount": 4850, "currency": "usd"}}
    ]


def test_a_column_may_be_named():
    assert values((CHARGE,), "id,x\nch_1,2\n", {"charge": "id"}) == [{"charge": "ch_1"}]
    for columns, says in (({"charge": "y"}, "no column “y”"), ({"z": "id"}, "no input with the name “z”")):
        with pytest.raises(NotPossible, match=says):
            read((CHARGE,), "id,x\nch_1,2\n", columns)


@pytest.mark.parametrize(
    "amount", ["48,50", "1,048.50", "1.048,50", "48.505", "$48", "4e3", "١٢", "48 USD", ""]
)
def test_an_amount_that_could_be_misread_is_a_problem(amount):
    text = f'charge;amount;amount_currency\nch_1;"{amount}";usd\n'
    (row,) = read((CHARGE, AMOUNT), text).rows
    assert [one.path for one in row.problems] == ["amount"]
    assert "amount" not in row.values


@pytest.mark.parametrize("currency", ["", "xxx", "dollars"])
def test_an_amount_needs_its_currency(currency):
    (row,) = read((AMOUNT,), f"amount,amount_currency\n48.50,{currency}\n").rows
    assert "a currency, as USD" in row.problems[0].message


def test_amounts_without_minor_units():
    assert values((AMOUNT,), "amount,amount_currency\n500,jpy\n") == [
        {"amount": {"amount": 500, "currency": "jpy"}}
    ]


@pytest.mark.parametrize(
    ("kind", "cell", "value"),
    [
        ("text", "007", "007"),
        ("whole_number", "-12", -12),
        ("whole_number", "1.5", "1.5"),
        ("number", "1.5", 1.5),
        ("number", "1,5", "1,5"),
        ("yes_no", "Yes", True),
        ("yes_no", "0", False),
        ("yes_no", "perhaps", "perhaps"),
        ("date", "2026-11-30", "2026-11-30"),
        ("email", "a@example.com", "a@example.com"),
        ("text", "", None),
    ],
)
def test_each_kind_reads_its_cell_or_leaves_it_for_its_field_to_refuse(kind, cell, value):
    assert KINDS[kind].from_cells(Declared("it", kind, "It"), {"it": cell}) == value


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is empty"),
        ("charge,charge\nch_1,ch_2\n", "same name"),
        ("a,b\n1,2\n", "No column of the table"),
        ("charge,b\n", "no lines below"),
        ('charge,b\n"ch_1,2\n', "Line 3 of the table cannot be read"),
        ("x" * 2_000_000, "too long"),
    ],
)
def test_what_is_no_table_is_refused(text, says):
    with pytest.raises(NotPossible, match=says):
        read((CHARGE,), text)


def test_too_many_lines_and_too_many_cells(monkeypatch):
    (row,) = read((CHARGE,), "charge,b\nch_1,2,3\n").rows
    assert row.problems[0].code == "too_many_cells"
    monkeypatch.setattr(table, "MAX_LINES", 2)
    with pytest.raises(NotPossible, match="At most 2"):
        read((CHARGE,), "ch_1\nch_2\nch_3\n")
