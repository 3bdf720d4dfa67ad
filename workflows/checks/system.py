"""System checks of the settings that all apps share, and of the queue: stripeflow.E101–E109, W101–W109."""

from collections.abc import Mapping
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

import stripeflow.actions.conf
import stripeflow.triggers.conf
from stripeflow.actions.naming import close_to
from stripeflow.triggers.checks import ask_queue
from stripeflow.workflows import conf
from stripeflow.workflows.checks.setting_rules import complaint
from stripeflow.workflows.definition.retry import contradictions, default_policy
from stripeflow.workflows.liveness.longest_task import CALLS_OF_A_STEP, longest_task

UNDELIVERED = ("console", "dummy", "locmem", "filebased")


def register_all() -> None:
    """Register the checks; called once, when the app is ready."""
    register(check_dictionary, "stripeflow")
    register(check_names, "stripeflow")
    register(check_renamed, "stripeflow")
    register(check_values, "stripeflow")
    register(check_retries, "stripeflow")
    register(check_htmx, "stripeflow")
    register(check_queue, "stripeflow")
    register(check_email, "stripeflow", deploy=True)
    register(check_base_url, "stripeflow", deploy=True)


def setting_names() -> frozenset[str]:
    """Every name that `settings.STRIPEFLOW` may hold, of whichever app."""
    return frozenset().union(
        stripeflow.triggers.conf.DEFAULTS, stripeflow.actions.conf.DEFAULTS, conf.DEFAULTS
    )


def setting_values() -> dict[str, Any]:
    """The value of every setting, or its default."""
    defaults = {**stripeflow.triggers.conf.DEFAULTS, **stripeflow.actions.conf.DEFAULTS, **conf.DEFAULTS}
    found = stripeflow.triggers.conf.configured()
    set_up = {**{name: found[old] for old, name in conf.RENAMED.items() if old in found}, **found}
    return {name: set_up.get(name, default) for name, default in defaults.items()}


def check_dictionary(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """E107: `STRIPEFLOW` has to be a dictionary of settings; without it the defaults apply."""
    found = getattr(settings, "STRIPEFLOW", {})
    if isinstance(found, Mapping):
        return []
    return [
        Error(
            f"STRIPEFLOW has to be a dictionary, and not {type(found).__name__}.",
            hint="Set STRIPEFLOW = {} to use the default of each setting.",
            id="stripeflow.E107",
        )
    ]


def check_names(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """E101: a misspelt setting would silently keep its default."""
    known = setting_names() | conf.RENAMED.keys()
    return [
        Error(f'STRIPEFLOW["{name}"] is not a setting.', hint=_hint(name, known), id="stripeflow.E101")
        for name in stripeflow.triggers.conf.configured()
        if name not in known
    ]


def check_renamed(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """W109: a former name of a setting."""
    return [
        Warning(
            f'STRIPEFLOW["{former}"] is called STRIPEFLOW["{name}"] now.',
            hint="Rename it. The former name works until then.",
            id="stripeflow.W109",
        )
        for former, name in conf.RENAMED.items()
        if former in stripeflow.triggers.conf.configured()
    ]


def _hint(name: str, known: frozenset[str]) -> str:
    close = close_to(name, sorted(known), most=1)
    return f"Did you mean {close[0]}?" if close else f"There are: {', '.join(sorted(known))}."


def check_htmx(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """E105: the editor's pages load htmx from the static files of an app."""
    if apps.is_installed("django_htmx"):
        return []
    hint = 'Add "django_htmx" to INSTALLED_APPS.'
    return [Error("The editor needs htmx, which django-htmx brings.", hint=hint, id="stripeflow.E105")]


def check_values(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """E102: the value of each setting can be used. W101: a lease outlives the calls of one step."""
    values = setting_values()
    wrong = {name: said for name, value in sorted(values.items()) if (said := complaint(name, value))}
    found: list[CheckMessage] = [
        Error(said, hint=_default(name), id="stripeflow.E102") for name, said in wrong.items()
    ]
    if wrong.keys() & {"LEASE_SECONDS", "STRIPE_TIMEOUT_SECONDS", "OUTBOUND_TIMEOUT_SECONDS"}:
        return found
    if values["LEASE_SECONDS"] <= values["OUTBOUND_TIMEOUT_SECONDS"]:
        found.append(
            Warning(
                "A worker's lease may end while it waits for a service, and another one takes the run over.",
                hint='Make STRIPEFLOW["LEASE_SECONDS"] more than STRIPEFLOW["OUTBOUND_TIMEOUT_SECONDS"].',
                id="stripeflow.W101",
            )
        )
    if values["LEASE_SECONDS"] <= CALLS_OF_A_STEP * values["STRIPE_TIMEOUT_SECONDS"]:
        found.append(
            Warning(
                "A worker's lease may end while it waits for Stripe, and another one takes the run over.",
                hint='Make STRIPEFLOW["LEASE_SECONDS"] more than twice STRIPEFLOW["STRIPE_TIMEOUT_SECONDS"].',
                id="stripeflow.W101",
            )
        )
    return found


def _default(name: str) -> str:
    default = {**stripeflow.triggers.conf.DEFAULTS, **stripeflow.actions.conf.DEFAULTS, **conf.DEFAULTS}[name]
    return f"The default is {default!r}. Leave the setting out to use it."


def check_retries(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """E106: the times of the retry policy fit together."""
    names = ("MAX_ATTEMPTS", "RETRY_BASE_SECONDS", "RETRY_CAP_SECONDS", "RETRY_TOTAL_SECONDS")
    if any(complaint(name, conf.get(name)) for name in names):
        return []
    said = {"cap_seconds": "RETRY_CAP_SECONDS", "total_seconds": "RETRY_TOTAL_SECONDS"}
    return [
        Error(
            f'STRIPEFLOW["{said[name]}"] is shorter than STRIPEFLOW["RETRY_BASE_SECONDS"].',
            hint="Make it longer, or leave both out to use the defaults.",
            id="stripeflow.E106",
        )
        for name, code in contradictions(default_policy())
        if code in ("cap_below_base", "total_below_base")
    ]


def check_queue(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """The queue's own checks of its settings, for the longest of our tasks."""
    return ask_queue(lambda backend: backend.checks(longest_task=longest_task()))


def check_email(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """W104: e-mails to the team that reach nobody."""
    backend = settings.EMAIL_BACKEND.rpartition(".")[0].rpartition(".")[2]
    if backend not in UNDELIVERED:
        return []
    return [
        Warning(
            f"E-mails are not sent: EMAIL_BACKEND is {settings.EMAIL_BACKEND}.",
            hint="Configure a mail server.",
            id="stripeflow.W104",
        )
    ]


def check_base_url(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """W105: links in e-mails lead to this machine itself."""
    url = str(conf.get("BASE_URL"))
    if not any(name in url for name in ("//127.", "//localhost", "//[::1]")):
        return []
    return [
        Warning(
            f"The links in e-mails lead to {url}.",
            hint='Set STRIPEFLOW["BASE_URL"] to the public address of the site.',
            id="stripeflow.W105",
        )
    ]
