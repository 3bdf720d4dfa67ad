"""The names of objects and facts in the audit log. What has no name is shown by its key.

Keys are what is stored and exported; only the pages show names.
"""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from stripeflow.actions.models import Reason
from stripeflow.workflows.models.goal import Goal
from stripeflow.workflows.models.limits import PauseCause
from stripeflow.workflows.states import WorkflowStatus

OBJECTS: dict[str, Promise] = {
    "apitoken": _("API token"),
    "connection": _("connection"),
    "deauthorization": _("disconnected account"),
    "eventdestination": _("event destination"),
    "group": _("group"),
    "listing": _("list of Stripe's events"),
    "run": _("run"),
    "savedtemplate": _("saved template"),
    "secret": _("secret"),
    "suppression": _("suppressed address"),
    "user": _("user"),
    "webhookendpoint": _("webhook endpoint"),
    "workflow": _("workflow"),
}

FACTS: dict[str, Promise] = {
    "account": _("account"),
    "added": _("added"),
    "at_once": _("former secrets ended at once"),
    "auth": _("authentication"),
    "backup_of": _("backup of"),
    "before": _("older than"),
    "branch": _("branch"),
    "cause": _("cause"),
    "changed": _("changed"),
    "cleared": _("all removed"),
    "connection_kind": _("kind"),
    "days": _("days kept"),
    "description": _("description"),
    "endpoints": _("endpoints"),
    "entries": _("entries"),
    "event": _("event"),
    "events": _("events"),
    "expires": _("expires"),
    "format": _("format"),
    "from": _("done from"),
    "goal": _("goal"),
    "has_secret": _("has a secret"),
    "held_back": _("runs held back"),
    "is_active": _("active"),
    "is_staff": _("staff"),
    "is_superuser": _("superuser"),
    "livemode": _("live mode"),
    "matched": _("matched"),
    "mode": _("mode"),
    "name": _("name"),
    "new": _("new"),
    "of": _("copy of"),
    "of_id": _("number of the original"),
    "owner": _("owner"),
    "reason": _("reason"),
    "refused": _("refused"),
    "released": _("runs released"),
    "removed": _("removed"),
    "revision": _("revision"),
    "runs": _("runs"),
    "scopes": _("scopes"),
    "secret": _("secret"),
    "secrets": _("secrets"),
    "seen": _("seen"),
    "settings": _("settings"),
    "since": _("since"),
    "started": _("started"),
    "status": _("status"),
    "step": _("step"),
    "template": _("template"),
    "title": _("title"),
    "url": _("address"),
    "username": _("user name"),
    "version": _("version"),
    "workflow": _("workflow"),
}
_CHOICES: dict[str, dict[str, str | Promise]] = {
    "cause": dict(PauseCause.choices),
    "goal": dict(Goal.choices),
    "reason": dict(Reason.choices),
    "mode": {"live": _("live"), "test": _("test")},
    "status": dict(WorkflowStatus.choices),
}


def name_of_object(kind: str) -> str:
    """The name of this kind of object."""
    return str(OBJECTS.get(kind, kind))


def name_of_fact(key: str) -> str:
    """The name of a fact."""
    return str(FACTS.get(key, key))


def said(key: str, fact: object) -> str:
    """The value of a fact, for people."""
    if isinstance(fact, bool):
        return str(_("yes") if fact else _("no"))
    return str(_CHOICES.get(key, {}).get(str(fact), fact))
