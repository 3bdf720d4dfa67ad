"""Which operations the installed SDK has: their method, verb, path and parameters' type.

Only the *source* of its services is read, once: nothing of a service is imported. The files are generated,
all of one shape; `tests/workflows/stripe_operations/test_requests.py` compares what is read here with what
the SDK sends.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from stripeflow.triggers.catalogue import sdk

PREFIX = "stripe."
# Operations of these are for tests, take files, or are of the second version of the API, which is not
# offered yet.
_LEFT_OUT = ("test_helpers", "files", "oauth")
_LEFT_OUT_METHODS = frozenset({"pdf", "serialize_batch"})

_SUBSERVICES = re.compile(r"^_subservices = \{(.*?)\}", re.MULTILINE | re.DOTALL)
_SUBSERVICE = re.compile(r'"(\w+)": \[\s*"([\w.]+)",\s*"(\w+)",?\s*\]')
_METHOD = re.compile(
    r"^    def (?P<name>\w+)\(\n        self,\n(?P<arguments>.*?)    \) -> (?P<gives>[^\n]*?|\"[^\"]*\"):\n"
    r'(?:        """\n(?P<doc>.*?)\n        """\n)?'
    r'.*?self\._request\(\s*"(?P<verb>\w+)",\s*"(?P<path>[^"]+)"',
    re.MULTILINE | re.DOTALL,
)
_ID = re.compile(r"^        (\w+): str,$", re.MULTILINE)
_PARAMS = re.compile(r'^        params: (?P<optional>Optional\[)?"(?P<name>\w+)"', re.MULTILINE)
_GIVES_CLASS = re.compile(r"(?:(ListObject|SearchResultObject)\[)?(\w+)")
_IMPORT = re.compile(r"^ +from (stripe[\w.]*) import \(?\s*([\w,\s]+?)\)?$", re.MULTILINE)
_PLACE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of a service: `client.v1.<resource>.<method>(*ids, params, options)`.

    `path` is that of the request, with the ids in braces. `params` is module and class of its parameters.
    `gives` names the Stripe object of its answer, "" if there is none; `many` says how it wraps several of
    them: "ListObject", "SearchResultObject" or "".
    """

    resource: str
    method: str
    verb: str
    path: str
    ids: tuple[str, ...]
    params: tuple[str, str] | None
    gives: str
    many: str
    doc: str

    @property
    def key(self) -> str:
        """The key of its action: "stripe.billing_portal.sessions.create"."""
        return f"{PREFIX}{self.resource}.{self.method}"

    @property
    def writes(self) -> bool:
        """Whether it is more than a GET."""
        return self.verb != "get"


@cache
def operations() -> Mapping[str, Operation]:
    """Every operation of version 1 of the API, by the key of its action, in the SDK's order.

    Raises SdkLayoutError if the services cannot be read.
    """
    found = {one.key: one for one in _within("", "stripe._v1_services")}
    if not found:
        raise sdk.SdkLayoutError("No operation was found in the services of the stripe package.")
    return found


def find(key: str) -> Operation | None:
    """The operation with the key of an action, by reading its own service alone; None if there is none."""
    if not key.startswith(PREFIX):
        return None
    resource, _dot, method = key.removeprefix(PREFIX).rpartition(".")
    module = "stripe._v1_services"
    for name in resource.split("."):
        if resource.startswith(_LEFT_OUT) or name not in (below := _subservices(module)):
            return None
        module = below[name]
    return next((one for one in _of(resource, module) if one.method == method), None)


def _within(resource: str, module: str) -> Iterator[Operation]:
    yield from _of(resource, module) if resource else ()
    for name, below in _subservices(module).items():
        path = f"{resource}.{name}" if resource else name
        if not path.startswith(_LEFT_OUT):
            yield from _within(path, below)


@cache
def _subservices(module: str) -> dict[str, str]:
    block = _SUBSERVICES.search(_source(module))
    return {name: place for name, place, _class in _SUBSERVICE.findall(block[1])} if block else {}


@cache
def _of(resource: str, module: str) -> tuple[Operation, ...]:
    source = _source(module)
    imports = {
        name.strip(): place
        for place, names in _IMPORT.findall(source)
        for name in names.split(",")
        if name.strip()
    }
    methods = re.split(r"^(?=    (?:async )?def )", source, flags=re.MULTILINE)
    matches = (match for text in methods if (match := _METHOD.match(text)))
    return tuple(
        _operation(resource, match, imports) for match in matches if match["name"] not in _LEFT_OUT_METHODS
    )


def _operation(resource: str, match: re.Match[str], imports: Mapping[str, str]) -> Operation:
    arguments = match["arguments"]
    params = _PARAMS.search(arguments)
    gives = _GIVES_CLASS.match(match["gives"].strip('"'))
    many, name = (gives[1] or "", gives[2]) if gives else ("", "")
    return Operation(
        resource=resource,
        method=match["name"],
        verb=match["verb"],
        path=match["path"],
        ids=tuple(_ID.findall(arguments)),
        params=(imports[params["name"]], params["name"]) if params else None,
        gives=sdk.object_names_by_class().get((imports.get(name, ""), name), ""),
        many=many,
        doc=" ".join((match["doc"] or "").split()),
    )


def source_of(module: str) -> str:
    """The text of one of the SDK's modules. Raises SdkLayoutError if it is not there."""
    return _source(module)


def _source(module: str) -> str:
    path = sdk.root().joinpath(*module.split(".")[1:]).with_suffix(".py")
    try:
        return Path(path).read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise sdk.SdkLayoutError(f"{module} has no source at {path}.") from error
