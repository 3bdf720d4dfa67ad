"""Every text that our sources hand to gettext, by the app whose catalogue it belongs to."""

import subprocess
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract_javascript, extract_python
from django.utils.translation.template import templatize

ROOT = Path(__file__).parents[2]
APPS = ("workflows", "actions", "triggers", "stripeflow_site")
# Server and scripts are served from a catalogue each.
DOMAINS = ("django", "djangojs")
# What gettext's functions are called where they are imported, and which arguments are texts.
KEYWORDS = {
    "_": None,
    "_now": None,
    "gettext": None,
    "gettext_lazy": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
}
CURRENCIES = "actions/currencies.py"


@cache
def catalogue(app: str, domain: str) -> Catalog:
    """What there is to translate in an app: for the server (`django`) or for its scripts (`djangojs`)."""
    found = Catalog(charset="utf-8", fuzzy=False)
    for path in _files(app):
        for _line, text, context in _texts(path, domain):
            found.add(text, context=context, locations=[(str(path.relative_to(ROOT)), 0)])
    return found


def _files(app: str) -> list[Path]:
    listed = subprocess.run(  # noqa: S603 - fixed arguments
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", app],  # noqa: S607
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return sorted(path for line in listed.stdout.splitlines() if (path := ROOT / line).is_file())


def _texts(path: Path, domain: str) -> Iterator[tuple]:
    if domain == "djangojs":
        return _read(extract_javascript, path.read_bytes()) if path.suffix == ".js" else iter(())
    if path.suffix == ".py" and "migrations" not in path.parts:
        return _of_python(path)
    is_template = "templates" in path.parts and path.suffix in (".html", ".txt")
    return _of_template(path) if is_template else iter(())


def _of_python(path: Path) -> Iterator[tuple]:
    yield from _read(extract_python, path.read_bytes())
    if str(path.relative_to(ROOT)) == CURRENCIES:
        from stripeflow.actions.currencies import CURRENCIES as table  # a table without calls of gettext

        yield from ((0, currency.name, None) for currency in table.values())


def _of_template(path: Path) -> Iterator[tuple]:
    """Django writes a template's texts as calls of gettext; how it indents them means nothing."""
    source = templatize(path.read_text(encoding="utf-8"))
    lines = (line.strip() for line in source.splitlines())
    return _read(extract_python, "\n".join(lines).encode())


def _read(extract: object, source: bytes) -> Iterator[tuple]:
    """Line, text (a pair if it has a plural) and context (None without) of each call."""
    for line, function, texts, _comments in extract(BytesIO(source), KEYWORDS, [], {}):
        if function.startswith("pgettext"):
            yield line, texts[1], texts[0]
        elif function.startswith("ngettext"):
            yield line, texts[:2], None
        else:
            yield line, texts if isinstance(texts, str) else texts[0], None
