"""Ready-made roles: which permissions a job needs, and no more. `stripeflow_roles` makes groups of them.

Each role can read what its work is about. Somebody in several groups has the rights of all. The role that
writes a workflow cannot publish it, and neither *operator* nor *publisher* alone moves money or changes
customers.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from stripeflow.workflows import permissions

READS = (permissions.VIEW, permissions.VIEW_RUN, permissions.VIEW_EVENT)


@dataclass(frozen=True, slots=True)
class Role:
    """A job, and the permissions (`app_label.codename`) that it needs."""

    key: str
    label: str | Promise
    description: str | Promise
    permissions: tuple[str, ...]

    @property
    def group_name(self) -> str:
        """The name of its Django group. Not translated: it is how the group is found again."""
        return f"StripeFlow {self.key}"


# What no role has: making API tokens (a key that lasts is given to a person, not to a job).
ROLES = (
    Role(
        "viewer",
        _("Viewer"),
        _("Reads workflows, runs and the list of events. Sees no payload, and changes nothing."),
        READS,
    ),
    Role(
        "operator",
        _("Operator"),
        _(
            "Keeps runs going: cancels, retries, releases and resolves them, pauses workflows, and stops "
            "everything in an emergency. Sets nothing off that moves money or changes customers."
        ),
        (*READS, permissions.CHANGE_RUN, permissions.USE_SWITCH),
    ),
    Role(
        "author",
        _("Author"),
        _("Writes workflows and rehearses them on made-up events. Cannot publish them, and sees no payload."),
        (
            *READS,
            permissions.ADD,
            permissions.CHANGE,
            permissions.DELETE,
            permissions.VIEW_SECRET,
            permissions.ADD_SECRET,
            permissions.CHANGE_SECRET,
            permissions.DELETE_SECRET,
            permissions.VIEW_CONNECTION,
            permissions.ADD_CONNECTION,
            permissions.CHANGE_CONNECTION,
            permissions.DELETE_CONNECTION,
            permissions.VIEW_TEMPLATE,
            permissions.ADD_TEMPLATE,
            permissions.CHANGE_TEMPLATE,
            permissions.DELETE_TEMPLATE,
        ),
    ),
    Role(
        "publisher",
        _("Publisher"),
        _(
            "Activates, deactivates, archives and pauses workflows. Decides by that which values of events "
            "are sent where, so sees payloads. Does not write, and activates nothing that moves money or "
            "changes customers."
        ),
        (
            *READS,
            permissions.ACTIVATE,
            permissions.VIEW_PAYLOAD,
            permissions.VIEW_CONNECTION,
            permissions.USE_CONNECTION,
        ),
    ),
    Role(
        "approver",
        _("Approver"),
        _(
            "Decides on approvals, but for those of runs that this person has started. Sees payloads, and so "
            "what would happen. Approves nothing that moves money or changes customers."
        ),
        (*READS, permissions.VIEW_PAYLOAD, permissions.DECIDE),
    ),
    Role(
        "customers",
        _("Customers"),
        _(
            "In addition to another role: an operator may set off runs that change customers, an approver "
            "may approve that, and a publisher may activate such workflows. Also keeps the list of addresses "
            "that get no e-mail. Not for authors who may not move money."
        ),
        (
            *(*READS, permissions.CHANGE_CUSTOMERS),
            *(permissions.VIEW_SUPPRESSION, permissions.ADD_SUPPRESSION, permissions.DELETE_SUPPRESSION),
        ),
    ),
    Role(
        "money",
        _("Money"),
        _(
            "In addition to another role: an operator may set off runs that move money, an approver may "
            "approve that, a publisher may activate such workflows, and an author may set their daily limits."
        ),
        (*READS, permissions.MOVE_MONEY),
    ),
    Role(
        "auditor",
        _("Auditor"),
        _("Reads workflows, runs, the list of events, and who did what. Sees no payload, changes nothing."),
        (
            *READS,
            permissions.VIEW_AUDIT,
            permissions.VIEW_SECRET,
            permissions.VIEW_CONNECTION,
            permissions.VIEW_DESTINATION,
        ),
    ),
    Role(
        "integrator",
        _("Integrator"),
        _(
            "Decides where events of runs are sent: adds, changes and deletes event destinations, and sends "
            "events again. Sees no payload, and sets nothing off."
        ),
        (
            *READS,
            permissions.VIEW_DESTINATION,
            permissions.ADD_DESTINATION,
            permissions.CHANGE_DESTINATION,
            permissions.DELETE_DESTINATION,
        ),
    ),
)


class NoSuchRole(LookupError):
    """There is no role of this key."""


def find(key: str) -> Role:
    """The role `key`. Raises NoSuchRole."""
    for role in ROLES:
        if role.key == key:
            return role
    raise NoSuchRole(key)


def permissions_of(keys: Iterable[str]) -> frozenset[str]:
    """The permissions of a member of the groups of all these roles. Raises NoSuchRole."""
    return frozenset(name for key in keys for name in find(key).permissions)
