"""How large a definition is, counted before anything else looks at it: the document may be hostile. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from stripeflow.workflows.definition.problems import Problem

# In the whole definition, whatever its lists hold each.
MAX_STEPS_IN_ALL = 500
MAX_BRANCHES_IN_ALL = 1000
MAX_CONDITIONS_IN_ALL = 2000


@dataclass(slots=True)
class Size:
    """How many steps, branches, and conditions (groups of them, too) there are in all."""

    steps: int = 0
    branches: int = 0
    conditions: int = 0

    def grown_from(self, old: "Size") -> bool:
        """Whether there is more of something that is above its limit."""
        return any(new > max(limit, before) for new, before, limit in zip(self, old, LIMITS, strict=True))

    def __iter__(self) -> Iterator[int]:
        return iter((self.steps, self.branches, self.conditions))


LIMITS = (MAX_STEPS_IN_ALL, MAX_BRANCHES_IN_ALL, MAX_CONDITIONS_IN_ALL)


def size_of(document: object) -> Size:
    """Count without recursion, in linear time. Parts of an unknown structure are not counted."""
    size, document = Size(), _object(document)
    trigger = _object(document.get("trigger"))
    groups = [trigger.get("conditions")]
    groups += [_object(one).get("conditions") for one in _list(trigger.get("cancel_when"))]
    levels = [document.get("steps")]
    while levels:
        for step in map(_object, _list(levels.pop())):
            size.steps += 1
            branches = [_object(branch) for branch in _list(step.get("branches"))]
            size.branches += len(branches)
            groups += [branch.get("conditions") for branch in branches]
            levels += [branch.get("steps") for branch in branches]
            levels.append(_object(step.get("error_branch")).get("steps"))
    while groups:
        inside = _list(_object(groups.pop()).get("conditions"))
        size.conditions += len(inside)
        groups += inside
    return size


def too_large(size: Size) -> list[Problem]:
    """One problem for each limit that the definition exceeds; it says what to do."""
    wordings = (
        ("/steps", "too_many_steps", _("The workflow has %(found)d steps, and may have %(limit)d.")),
        ("/steps", "too_many_branches", _("The workflow has %(found)d branches, and may have %(limit)d.")),
        ("", "too_many_conditions", _("The workflow has %(found)d conditions, and may have %(limit)d.")),
    )
    advice = _("Make several workflows of it.")
    return [
        Problem(path, code, f"{sentence % {'found': found, 'limit': limit}} {advice}")
        for (path, code, sentence), found, limit in zip(wordings, size, LIMITS, strict=True)
        if found > limit
    ]


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
