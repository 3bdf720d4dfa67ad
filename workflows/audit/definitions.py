"""What an edit changed, in names and titles only: the audit log keeps no content of steps."""

from django.utils.translation import gettext as _

from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.lanes import without_steps
from stripeflow.workflows.definition.titles import step_title
from stripeflow.workflows.definition.walk import steps

_MOST = 20
_TITLE_LENGTH = 100


def changed_titles(before: Json, after: Json) -> list[str]:
    """The differences: parts of the workflow, and titles of added, deleted, moved or changed steps."""
    parts = {"name": _("Name"), "description": _("Description"), "trigger": _("Trigger")}
    found = [str(title) for name, title in parts.items() if before.get(name) != after.get(name)]
    old, new = _own(before), _own(after)
    for key in dict.fromkeys((*new, *old)):
        if old.get(key) != new.get(key):
            found.append(step_title((new.get(key) or old[key])[1])[:_TITLE_LENGTH])
    if not found and before != after:
        found.append(_("Order of the steps"))
    return found[:_MOST]


def _own(document: Json) -> dict[str, tuple[str, Json]]:
    """Each step without the steps inside it, and the branch that it is in."""
    return {
        place.step["key"]: (place.path.rpartition("/")[0], without_steps(place.step))
        for place in steps(document)
    }
