"""What the pages of the site ask for: the fields of their forms, and the questions of their links."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qsl

Fields = dict[str, list[str]]


@dataclass
class Harvest:
    """Forms as they are filled, by the address that shows them; and all that links and the API ask."""

    forms: dict[str, list[Fields]] = field(default_factory=dict)
    questions: set[tuple[str, str]] = field(default_factory=set)


class _Page(HTMLParser):
    """The forms of one page, and the questions of its links."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Fields] = []
        self.questions: set[tuple[str, str]] = set()
        self._select = self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attrs}
        if tag == "form":
            self.forms.append({})
        elif tag == "a" and "?" in given.get("href", ""):
            self.questions |= set(parse_qsl(given["href"].split("?", 1)[1], keep_blank_values=True))
        elif tag == "select":
            self._select = given.get("name", "")
        elif tag == "option" and self._select and "selected" in given:
            self._add(self._select, given.get("value", ""))
        elif tag == "textarea":
            self._area = given.get("name", "")
        elif tag in ("input", "button") and "name" in given and self._is_sent(given):
            self._add(given["name"], given.get("value", ""))

    def handle_data(self, data: str) -> None:
        if self._area:
            self._add(self._area, data.strip())

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._area = ""

    def _is_sent(self, given: dict[str, str]) -> bool:
        return given.get("type") not in ("checkbox", "radio") or "checked" in given

    def _add(self, name: str, value: str) -> None:
        if self.forms:
            self.forms[-1].setdefault(name, []).append(value)


def read(text: str, *, without: tuple[str, ...]) -> tuple[list[Fields], set[tuple[str, str]]]:
    """The forms of a page that have fields, and the questions of its links; none holds any of `without`."""
    page = _Page()
    page.feed(text)
    page.close()
    clean = [
        {name: [_clean(one, without) for one in values] for name, values in form.items()}
        for form in page.forms
        if form.keys() - {"csrfmiddlewaretoken", "q"}
    ]
    return clean, {(name, value) for name, value in page.questions if value == _clean(value, without)}


def _clean(text: str, without: tuple[str, ...]) -> str:
    return "" if any(one in text.casefold() for one in without) else text


def questions_of(schema: dict[str, Any]) -> set[tuple[str, str]]:
    """What the API's addresses may be asked, each with a value that its schema names, or "1"."""
    found = set()
    for methods in schema["paths"].values():
        for operation in methods.values():
            for one in operation.get("parameters", ()):
                if one["in"] == "query":
                    found |= {(one["name"], str(value)) for value in one["schema"].get("enum", ["1"])}
    return found


def names_in(pattern: str) -> list[str]:
    """The names of an address's parameters."""
    return re.findall(r"<(?:\w+:)?(\w+)>", pattern)
