"""The tables of docs/references.md: `python -m stripeflow.workflows.references.documentation`."""

import re
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings

from stripeflow.workflows.references.filters import FILTERS, Filter, named, usage

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = DOCS / "references.md"


def filter_table() -> str:
    """Every filter, with how it is written, what it takes and what it does."""
    rows = ((f"`{usage(entry)}`", _takes(entry), entry.help_text) for entry in FILTERS.values())
    return table(("Filter", "Takes", "What it does"), rows)


def table(head: Iterable[object], rows: Iterable[Iterable[object]]) -> str:
    """A Markdown table."""
    cells = [list(head), *map(list, rows)]
    cells.insert(1, ["---"] * len(cells[0]))
    return "\n".join(f"| {' | '.join(map(str, row))} |" for row in cells)


def section(page: str, name: str) -> str:
    """What stands between the marks of one generated table."""
    found = re.search(_pattern(name), page, re.DOTALL)
    return found[1].strip() if found else ""


def write_section(path: Path, name: str, text: str) -> None:
    """Put a new table between its marks. The page has to have them."""
    replacement = f"<!-- {name} -->\n{text}\n<!-- end of {name} -->"
    page = path.read_text(encoding="utf-8")
    path.write_text(re.sub(_pattern(name), lambda _: replacement, page, flags=re.DOTALL), encoding="utf-8")


def without_settings() -> None:
    """Let labels be read in English outside a project."""
    settings.configure(USE_I18N=False)


def _pattern(name: str) -> str:
    return rf"<!-- {name} -->(.*?)<!-- end of {name} -->"


def _takes(entry: Filter) -> str:
    return named(entry.accepts) or "any value"


if __name__ == "__main__":
    without_settings()
    write_section(PAGE, "filters", filter_table())
