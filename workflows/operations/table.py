"""A table of inputs: a list of IDs, or CSV, read into what the API would be given for each line."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import StringIO

from django.utils.translation import gettext as _

from stripeflow.actions.problems import Problem
from stripeflow.workflows.audit.acts import NotPossible
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.on_demand.kinds import KINDS, Declared

# Lines of one bulk; below what pauses a workflow that starts too many runs a minute.
MAX_LINES = 500
MAX_TEXT = 1_000_000


@dataclass(frozen=True)
class Row:
    """One line: `number` as in the text, where the first is 1. With problems it cannot be used."""

    number: int
    values: Json
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Table:
    """The columns that there are, which input each column of ours is read from, and the rows."""

    header: tuple[str, ...]
    columns: Mapping[str, str]
    rows: tuple[Row, ...]


def read(declared: Sequence[Declared], text: str, columns: Mapping[str, str] | None = None) -> Table:
    """Read a list of IDs, one a line, or CSV with a header. Raises `NotPossible`.

    `columns` says for a name of ours which column of the table holds it. Without it, a column of that name,
    or one that is called as the input's label, is taken.
    """
    if len(text) > MAX_TEXT:
        raise NotPossible(_("The table is too long."))
    lines = _lines(text)
    if not lines:
        raise NotPossible(_("The table is empty."))
    ours = _ours(declared)
    if _is_list(declared, lines):
        (only,) = [one for one in declared if one.required]
        chosen = {only.name: only.name}
        listed = [(number, {only.name: cells[0]}) for number, cells in lines]
        return _table((only.name,), chosen, declared, listed)
    (_first, header), *rest = lines
    if len(set(header)) < len(header):
        raise NotPossible(_("Two columns of the table have the same name."))
    chosen = _chosen(ours, header, columns or {})
    rows: list[tuple[int, Mapping[str, str] | None]] = []
    for number, cells in rest:
        given = dict(zip(header, cells, strict=False)) if len(cells) <= len(header) else None
        rows.append((number, None if given is None else {n: given.get(c, "") for n, c in chosen.items()}))
    if not rows:
        raise NotPossible(_("The table has a header, and no lines below it."))
    return _table(tuple(header), chosen, declared, rows)


def _lines(text: str) -> list[tuple[int, list[str]]]:
    """Each line that holds something, with its number. Commas or semicolons part the cells."""
    clean = text.lstrip("\ufeff")
    first = clean.partition("\n")[0]
    mark = ";" if first.count(";") > first.count(",") else "\t" if "\t" in first else ","
    reader = csv.reader(StringIO(clean), delimiter=mark, strict=True)
    found: list[tuple[int, list[str]]] = []
    try:
        for cells in reader:
            stripped = [cell.strip() for cell in cells]
            if any(stripped):
                found.append((reader.line_num, stripped))
            if len(found) > MAX_LINES + 1:
                break
    except csv.Error as error:
        message = _("Line %d of the table cannot be read. Look at its quotation marks.")
        raise NotPossible(message % (reader.line_num + 1)) from error
    return found


def _is_list(declared: Sequence[Declared], lines: Sequence[tuple[int, list[str]]]) -> bool:
    """Whether it is a list of values for the only required input, without a header."""
    required = [one for one in declared if one.required]
    if len(required) != 1 or any(len(cells) != 1 for _number, cells in lines):
        return False
    first = lines[0][1][0]
    return first.casefold() not in {required[0].name.casefold(), required[0].label.casefold()}


def _ours(declared: Sequence[Declared]) -> dict[str, str]:
    """The names of our columns, each with a label that a table may use for it."""
    names: dict[str, str] = {}
    for one in declared:
        for name in KINDS[one.kind].columns(one):
            names[name] = one.label if name == one.name else ""
    return names


def _chosen(ours: Mapping[str, str], header: Sequence[str], columns: Mapping[str, str]) -> dict[str, str]:
    for name, column in columns.items():
        if name not in ours:
            raise NotPossible(_("The workflow has no input with the name “%s”.") % name[:100])
        if column not in header:
            raise NotPossible(_("The table has no column “%s”.") % column[:100])
    by_fold = {column.casefold(): column for column in header}
    found = {
        name: by_fold.get(name.casefold()) or by_fold.get(label.casefold()) for name, label in ours.items()
    }
    chosen = {name: column for name, column in found.items() if column} | dict(columns)
    if not chosen:
        message = _("No column of the table is an input of the workflow. Name the columns as the inputs: %s.")
        raise NotPossible(message % ", ".join(ours))
    return chosen


def _table(
    header: tuple[str, ...],
    chosen: Mapping[str, str],
    declared: Sequence[Declared],
    rows: Sequence[tuple[int, Mapping[str, str] | None]],
) -> Table:
    if len(rows) > MAX_LINES:
        raise NotPossible(_("At most %d runs can be started at once.") % MAX_LINES)
    return Table(header, chosen, tuple(_row(declared, number, cells) for number, cells in rows))


def _row(declared: Sequence[Declared], number: int, cells: Mapping[str, str] | None) -> Row:
    if cells is None:
        message = _("The line has more cells than the header.")
        return Row(number, {}, (Problem("", "too_many_cells", message),))
    values: Json = {}
    problems: list[Problem] = []
    for one in declared:
        try:
            value = KINDS[one.kind].from_cells(one, cells)
        except ValueError as error:
            problems.append(Problem(one.name, "invalid", str(error)))
            continue
        if value is not None:
            values[one.name] = value
    return Row(number, values, tuple(problems))
