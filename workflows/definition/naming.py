"""The name of a path for people, also if nothing is known of it: of a deleted step, or a later one."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stripeflow.workflows.conditions.wording import path_in_words
from stripeflow.workflows.definition import kinds
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.sources import label_of, step_source
from stripeflow.workflows.definition.titles import key_in_words, step_title
from stripeflow.workflows.definition.walk import Whole
from stripeflow.workflows.references import Path, TemplateError, parse_path

if TYPE_CHECKING:
    from stripeflow.workflows.definition.typing import Known


class _Where(StrEnum):
    """Where the step is that a path names, but that the path's own place cannot refer to."""

    ELSEWHERE = "elsewhere"
    DELETED = "deleted"
    NOWHERE = "nowhere"


_LABELS = {
    _Where.DELETED: gettext_lazy("the deleted step “%s”"),
    _Where.NOWHERE: gettext_lazy("the missing step “%s”"),
}
_WHY = {
    _Where.ELSEWHERE: gettext_lazy(
        "“%(field)s” is of the step “%(step)s”, which does not come before this one on every path. "
        "Move it, or choose another value."
    ),
    _Where.DELETED: gettext_lazy("“%(field)s” is of the deleted step “%(step)s”. Choose another value."),
    _Where.NOWHERE: gettext_lazy(
        "“%(field)s” is of a step “%(step)s”, which this workflow does not have. Choose another value."
    ),
}


@dataclass(frozen=True)
class _Lost:
    """A step out of reach by its title, and the label of what a path names of it, "" for the whole step."""

    where: _Where
    step: str
    field: str

    @property
    def label(self) -> str:
        step = str(_LABELS.get(self.where, "%s")) % self.step
        return f"{step} › {self.field}" if self.field else step


def named(path: str, known: "Known") -> str:
    """What people call the value at a path: "Charge › Amount", "the deleted step “Retrieve it” › Amount"."""
    if found := known.find(path):
        return found.label
    for source in known.around(path):
        if source.path == path:
            return source.label
    parts = _parts(path)
    lost = _lost(parts, known)
    return lost.label if lost else path_in_words(parts)


def listed_name(path: str, known: "Known") -> str:
    """The same by the catalogue alone, without asking recent events."""
    parts = _parts(path)
    inside = list(known.around(path))
    if not inside:
        return path_in_words(parts)
    source = max(inside, key=lambda one: len(one.path))
    rest = parts[len(_parts(source.path)) :]
    if not rest:
        return source.label
    found = source.listed(".".join(map(str, rest)))
    return label_of(source, found) if found else f"{source.label} › {path_in_words(rest)}"


def unknown(path: str, known: "Known") -> str:
    """Why a path cannot have a value, and what to do, as a sentence."""
    lost = _lost(_parts(path), known)
    if lost is None or not lost.field:
        return _("“%s” is not known here. Choose another one from the list.") % named(path, known)
    return str(_WHY[lost.where]) % {"field": lost.field, "step": lost.step}


def _lost(parts: Path, known: "Known") -> _Lost | None:
    """The step that a path names; None where it names none, or one that is known here."""
    if known.whole is None or parts[0] != "steps" or len(parts) < 2:
        return None
    key, rest = str(parts[1]), parts[2:]
    if known.step(key) is not None:
        return None
    where, step = _found(key, known.whole)
    if step is None:
        return _Lost(where, key_in_words(key), path_in_words(rest) if rest else "")
    return _Lost(where, step_title(step), _field(step, rest) if rest else "")


def _found(key: str, whole: Whole) -> tuple[_Where, Json | None]:
    if step := whole.step(key):
        return _Where.ELSEWHERE, step
    step = next((one for one in whole.deleted if one["key"] == key), None)
    return (_Where.DELETED if step else _Where.NOWHERE), step


def _field(step: Json, rest: Path) -> str:
    """What a field of a step is called: as its outputs call it, else the path in words."""
    if not kinds.of(step).gives(step):
        return path_in_words(rest)
    source = step_source(step)
    found = source.listed(".".join(map(str, rest)))
    return label_of(source, found).removeprefix(f"{source.label} › ") if found else path_in_words(rest)


def _parts(path: str) -> Path:
    try:
        return parse_path(path)
    except TemplateError:
        return (path,)
