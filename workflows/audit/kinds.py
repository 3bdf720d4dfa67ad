"""The registry of the kinds of entries in the audit log. A new kind is one entry here, or one `register`."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


@dataclass(frozen=True)
class Kind:
    """One kind of act. `key` is stored, and begins with the kind of object; `title` is for people.

    `writes_draft` says that the person has decided what the draft of a workflow says.
    """

    key: str
    title: Promise | str
    writes_draft: bool = False


class UnknownKind(KeyError):
    """The kind of an act to be recorded is not registered."""


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> Kind:
    """Add a kind. Raises `ValueError` if one has its key."""
    if _kinds.setdefault(kind.key, kind) is not kind:
        raise ValueError(f"There is a kind of act with the key {kind.key!r}.")
    return kind


@contextmanager
def temporarily(kind: Kind) -> Iterator[Kind]:
    """Register a kind for the length of a `with` block; meant for tests."""
    register(kind)
    try:
        yield kind
    finally:
        del _kinds[kind.key]


def known() -> tuple[Kind, ...]:
    """All kinds, in the order of their registration."""
    return tuple(_kinds.values())


def of_drafts() -> tuple[str, ...]:
    """The keys of the kinds that write a draft."""
    return tuple(kind.key for kind in known() if kind.writes_draft)


def get(key: str) -> Kind:
    """The kind of this key. Raises `UnknownKind`."""
    try:
        return _kinds[key]
    except KeyError as error:
        raise UnknownKind(key) from error


def title_of(key: str) -> str:
    """The title of a kind; of one that is gone, its key."""
    kind = _kinds.get(key)
    return str(kind.title) if kind else key


def _add(key: str, title: Promise, *, writes_draft: bool = False) -> Kind:
    return register(Kind(key, title, writes_draft))


WORKFLOW_CREATED = _add("workflow.created", _("Workflow created"), writes_draft=True)
WORKFLOW_EDITED = _add("workflow.edited", _("Draft changed"), writes_draft=True)
WORKFLOW_UNDONE = _add("workflow.undone", _("Change of the draft undone"), writes_draft=True)
WORKFLOW_REDONE = _add("workflow.redone", _("Change of the draft made again"), writes_draft=True)
WORKFLOW_ACTIVATED = _add("workflow.activated", _("Activated"))
WORKFLOW_DEACTIVATED = _add("workflow.deactivated", _("Deactivated"))
WORKFLOW_ARCHIVED = _add("workflow.archived", pgettext_lazy("what somebody did", "Archived"))
WORKFLOW_RESTORED = _add("workflow.restored", _("Restored from the archive"))
WORKFLOW_DUPLICATED = _add("workflow.duplicated", _("Workflow duplicated"), writes_draft=True)
WORKFLOW_DELETED = _add("workflow.deleted", _("Workflow deleted"))
WORKFLOW_PAUSED = _add("workflow.paused", _("Paused"))
WORKFLOW_RESUMED = _add("workflow.resumed", _("Resumed"))
ACCOUNT_PAUSED = _add("workflow.account_paused", _("Paused for one account"))
LIMITS_SET = _add("workflow.limits_set", _("Daily refund limits set"))

RUN_CANCELED = _add("run.canceled", _("Run canceled"))
RUN_RETRIED = _add("run.retried", _("Run retried from the failed step"))
RUN_RELEASED = _add("run.released", _("Run released"))
RUN_WOKEN = _add("run.woken", _("Wait of a run ended"))
STEP_HAPPENED = _add("run.step_happened", _("Step confirmed as done"))
STEP_DID_NOT_HAPPEN = _add("run.step_did_not_happen", _("Step confirmed as not done"))
STEP_AGAIN = _add("run.step_again", _("Step done again"))
BRANCH_CHOSEN = _add("run.branch_chosen", _("Branch chosen"))
RUN_APPROVED = _add("run.approved", _("What a run would do approved"))
RUN_DECLINED = _add("run.declined", _("What a run would do declined"))
APPROVAL_TIMED_OUT = _add("run.approval_timed_out", _("Approval timed out"))
APPROVAL_REMINDED = _add("run.approval_reminded", _("Reminded of an approval"))
APPROVAL_ESCALATED = _add("run.approval_escalated", _("Approval escalated to further people"))
APPROVAL_VOID = _add("run.approval_void", _("Approval void, since what was approved has changed"))
RUN_STARTED_AGAIN = _add("run.started_again", _("Run started again"))
RUN_STARTED = _add("run.started", _("Run started on demand"))
RUN_REPLAYED = _add("run.replayed", _("Run started by a replay of its event"))
RUN_FILLED = _add("run.filled", _("Started by filling a period"))

ALL_STOPPED = _add("installation.stopped", _("All workflows stopped"))
ALL_STARTED = _add("installation.started", _("All workflows started again"))
ACCOUNT_RECONNECTED = _add("account.reconnected", _("Account confirmed as connected again"))
BACKUP_RESTORED = _add("installation.restored", _("Runs held after a restored backup"))
ENDPOINT_REGISTERED = _add("endpoint.registered", _("Webhook endpoint created or changed"))
RECONCILED = _add("installation.reconciled", _("Missing events fetched from Stripe"))
PRUNED = _add("installation.pruned", _("Old payloads emptied"))
AUDIT_PRUNED = _add("audit.pruned", _("Old entries of the audit log deleted"))
AUDIT_EXPORTED = _add("audit.exported", _("Audit log exported"))

TOKEN_MADE = _add("token.made", _("API token created"))
TOKEN_REVOKED = _add("token.revoked", _("API token revoked"))
TOKEN_FIRST_USED = _add("token.first_used", _("API token used for the first time"))
TOKEN_DELETED = _add("token.deleted", _("API token deleted"))

SECRETS_ROTATED = _add("secrets.rotated", _("Secrets encrypted with the newest key"))
SECRETS_ADOPTED = _add("workflow.secrets_adopted", _("Clear-text values moved into secrets"))
SECRET_STORED = _add("secret.stored", _("Secret stored"))
SECRET_REPLACED = _add("secret.replaced", _("Value of a secret replaced"))
SECRET_DESCRIBED = _add("secret.described", _("Description of a secret changed"))
SECRET_DELETED = _add("secret.deleted", _("Secret deleted"))

CONNECTION_CREATED = _add("connection.created", _("Connection created"))
CONNECTION_CHANGED = _add("connection.changed", _("Connection changed"))
CONNECTION_DELETED = _add("connection.deleted", _("Connection deleted"))

TEMPLATE_SAVED = _add("template.saved", _("Workflow saved as a template"))
TEMPLATE_RENAMED = _add("template.renamed", _("Saved template renamed"))
TEMPLATE_DELETED = _add("template.deleted", _("Saved template deleted"))

ADDRESS_SUPPRESSED = _add("suppression.added", _("Address put on the suppression list"))
SUPPRESSION_REMOVED = _add("suppression.removed", _("Address taken off the suppression list"))
SUPPRESSIONS_IMPORTED = _add("suppression.imported", _("Addresses imported into the suppression list"))
DESTINATION_ADDED = _add("destination.added", _("Event destination added"))
DESTINATION_CHANGED = _add("destination.changed", _("Event destination changed"))
DESTINATION_ENABLED = _add("destination.enabled", _("Event destination enabled"))
DESTINATION_DISABLED = _add("destination.disabled", _("Event destination disabled"))
DESTINATION_DELETED = _add("destination.deleted", _("Event destination deleted"))
DESTINATION_ROTATED = _add("destination.rotated", _("Signing secret of an event destination rotated"))
DESTINATION_TESTED = _add("destination.tested", _("Test event sent"))
DELIVERIES_SENT_AGAIN = _add("destination.sent_again", _("Events sent again"))

LOGGED_IN = _add("user.logged_in", _("Logged in"))
LOGGED_OUT = _add("user.logged_out", _("Logged out"))
LOGIN_REFUSED = _add("user.login_refused", _("Log-in refused"))
LOGIN_LOCKED = _add("user.login_locked", _("Log-in locked after wrong passwords"))
USER_MADE = _add("user.made", _("User created"))
USER_CHANGED = _add("user.changed", _("User changed"))
USER_DELETED = _add("user.deleted", _("User deleted"))
PASSWORD_CHANGED = _add("user.password_changed", _("Password changed"))
PERMISSIONS_CHANGED = _add("user.permissions_changed", _("Permissions of a user changed"))
GROUP_MADE = _add("group.made", _("Group created"))
GROUP_CHANGED = _add("group.changed", _("Group changed"))
GROUP_DELETED = _add("group.deleted", _("Group deleted"))
GROUP_PERMISSIONS_CHANGED = _add("group.permissions_changed", _("Permissions of a group changed"))
