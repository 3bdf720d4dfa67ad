"""Which secrets a form offers: those that the person may see, and the one that is named already."""

from typing import Any

from stripeflow.workflows import permissions
from stripeflow.workflows.models import Secret


def offered_secrets(user: Any, kept: str) -> list[tuple[str, str]]:
    """Name and description of each secret, for a choice."""
    rows = Secret.objects.values_list("name", "description") if permissions.may_see_secrets(user) else ()
    offered = {name: f"{name} ({description})" if description else name for name, description in rows}
    if kept:
        offered.setdefault(kept, kept)
    return list(offered.items())
