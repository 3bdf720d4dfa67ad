"""Reading templates: text, and between double braces a path with filters.

    reference := path ("|" filter)*
    path      := word ("." word | "[" (text | number) "]")*
    filter    := word ["(" argument ("," argument)* ")"]
    argument  := text | number | path

`{{ "…" }}` is that text itself; `{{ "{{" }}` writes two braces.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from django.utils.translation import gettext as _

from stripeflow.workflows.references.errors import TemplateError, UnknownFilter
from stripeflow.workflows.references.filters import FILTERS, check_call
from stripeflow.workflows.references.paths import MAX_SEGMENTS, ROOTS, WORD, Path, segment
from stripeflow.workflows.references.template import FilterCall, PathArgument, Reference, Template

MAX_LENGTH = 100_000
MAX_REFERENCES = 200
MAX_FILTERS = 10
MAX_ARGUMENTS = 5
_CACHED_PATHS = 1024

_TOKEN = re.compile(
    rf"""\s*(?:
        (?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
      | (?P<word>{WORD})
      | (?P<mark>\}}\}}|[.|(),\[\]])
      | (?P<end>\Z)
    )""",
    re.VERBOSE | re.DOTALL,
)
_NUMBER = re.compile(r"-?[0-9]{1,9}", re.ASCII)
_ESCAPED = {"n": "\n", "t": "\t", '"': '"', "'": "'", "\\": "\\"}


# A workflow's templates are the same in each run; the longest of them take a megabyte.
@lru_cache(maxsize=256)
def parse(template: str) -> Template:
    """Read a template of at most 100,000 characters and 200 references. Raises `TemplateError`."""
    if len(template) > MAX_LENGTH:
        raise TemplateError(_("The text is longer than {limit} characters.").format(limit=MAX_LENGTH))
    parts: list[str | Reference] = []
    position = references = 0
    while (start := template.find("{{", position)) >= 0:
        _append(parts, template[position:start])
        expression = _Expression(template, start + 2)
        _append(parts, expression.whole(start))
        position = expression.position
        references += isinstance(parts[-1], Reference)
        if references > MAX_REFERENCES:
            message = _("The text has more than {limit} references.")
            raise TemplateError(message.format(limit=MAX_REFERENCES), start)
    _append(parts, template[position:])
    return Template(tuple(parts))


@lru_cache(maxsize=_CACHED_PATHS)
def parse_path(text: str) -> Path:
    """Read a path alone, as conditions name their fields. Raises `TemplateError`."""
    expression = _Expression(text, 0)
    path = expression.path()
    expression.expect("")
    return path


def _append(parts: list[str | Reference], part: str | Reference) -> None:
    if part == "":
        return
    if isinstance(part, str) and parts and isinstance(parts[-1], str):
        parts[-1] += part
    else:
        parts.append(part)


class _Token(NamedTuple):
    kind: str
    text: str
    position: int


class _Expression:
    """Reads one expression from `position` on, one token ahead at most."""

    def __init__(self, source: str, position: int) -> None:
        self.source = source
        self.position = position

    def whole(self, start: int) -> str | Reference:
        """What stands between the braces that open at `start`, up to and with the closing ones."""
        if self._peek().kind == "text":
            result: str | Reference = _unquoted(self._next())
        else:
            result = self._reference()
        if self._peek().kind == "end":
            raise TemplateError(_("This “{{” has no “}}” that closes it."), start)
        self.expect("}}")
        return result

    def path(self) -> Path:
        path: list[str | int] = [self._word(_("a name")).text]
        while self._peek().text in {".", "["}:
            mark = self._next()
            path.append(self._bracketed() if mark.text == "[" else segment(self._word(_("a name")).text))
            if len(path) > MAX_SEGMENTS:
                message = _("The path has more than {limit} parts.")
                raise TemplateError(message.format(limit=MAX_SEGMENTS), mark.position)
        return tuple(path)

    def expect(self, mark: str) -> None:
        token = self._next()
        if token.text != mark:
            raise self._unexpected(token, f"“{mark}”" if mark else _("the end"))

    def _reference(self) -> Reference:
        start = self._peek().position
        path = self._rooted(self.path(), start)
        filters: list[FilterCall] = []
        while self._peek().text == "|":
            position = self._next().position
            filters.append(self._filter())
            if len(filters) > MAX_FILTERS:
                message = _("The reference has more than {limit} filters.")
                raise TemplateError(message.format(limit=MAX_FILTERS), position)
        return Reference(path, tuple(filters))

    def _filter(self) -> FilterCall:
        name = self._word(_("the name of a filter"))
        call = FilterCall(name.text, self._arguments() if self._peek().text == "(" else ())
        if fault := check_call(call):
            if call.name not in FILTERS:
                raise UnknownFilter(fault, name.position, call.name)
            raise TemplateError(fault, name.position)
        return call

    def _arguments(self) -> tuple[str | int | PathArgument, ...]:
        self.expect("(")
        arguments = [self._argument()]
        while self._peek().text == ",":
            position = self._next().position
            if len(arguments) == MAX_ARGUMENTS:
                raise TemplateError(_("The filter has too many arguments."), position)
            arguments.append(self._argument())
        self.expect(")")
        return tuple(arguments)

    def _argument(self) -> str | int | PathArgument:
        token = self._peek()
        if token.kind == "text":
            return _unquoted(self._next())
        if _NUMBER.fullmatch(token.text):
            return int(self._next().text)
        return PathArgument(self._rooted(self.path(), token.position))

    def _rooted(self, path: Path, position: int) -> Path:
        if path[0] not in ROOTS:
            message = _("A reference cannot start with “{root}”. It starts with one of: {roots}.")
            raise TemplateError(message.format(root=path[0], roots=", ".join(ROOTS)), position)
        return path

    def _bracketed(self) -> str | int:
        token = self._next()
        if token.kind == "text":
            part: str | int = _unquoted(token)
        elif token.kind == "word" and isinstance(segment(token.text), int):
            part = segment(token.text)
        else:
            raise self._unexpected(token, _("a text in quotes or the number of an item"))
        self.expect("]")
        return part

    def _word(self, expected: str) -> _Token:
        token = self._next()
        if token.kind != "word":
            raise self._unexpected(token, expected)
        return token

    def _peek(self) -> _Token:
        position = self.position
        token = self._next()
        self.position = position
        return token

    def _next(self) -> _Token:
        found = _TOKEN.match(self.source, self.position)
        if found is None:
            rest = self.source[self.position :]
            start = self.position + len(rest) - len(rest.lstrip())
            message = _("“{character}” cannot stand here.")
            if self.source[start] in "\"'":
                message = _("This quotation mark is not closed.")
            raise TemplateError(message.format(character=self.source[start]), start)
        self.position = found.end()
        kind = str(found.lastgroup)
        return _Token(kind, found[kind], found.start(kind))

    def _unexpected(self, token: _Token, expected: str) -> TemplateError:
        found = f"“{token.text}”" if token.text else _("nothing")
        message = _("Expected {expected}, found {found}.")
        return TemplateError(message.format(expected=expected, found=found), token.position)


def _unquoted(token: _Token) -> str:
    def replaced(match: re.Match[str]) -> str:
        if match[1] not in _ESCAPED:
            message = _("“\\{character}” means nothing here. Write “\\\\” for a backslash.")
            raise TemplateError(message.format(character=match[1]), token.position)
        return _ESCAPED[match[1]]

    return re.sub(r"\\(.)", replaced, token.text[1:-1], flags=re.DOTALL)
