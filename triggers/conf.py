"""The settings of this app: its own names in the shared dictionary `settings.STRIPEFLOW`."""

from collections.abc import Mapping, Sequence

from django.conf import settings

DEFAULTS: dict[str, object] = {
    # What carries messages to workers: the dotted path of a class that extends `queue.base.Backend`.
    "QUEUE_BACKEND": "stripeflow.triggers.queue.django_q.DjangoQBackend",
    # The django-q2 cluster that our tasks go to; one of Q_CLUSTER's ALT_CLUSTERS.
    "QUEUE_CLUSTER": "stripeflow",
    # Further functions that our cluster may run (dotted paths), if it also runs other tasks of the project.
    "QUEUE_TASKS": [],
    # The largest webhook body that is read.
    "WEBHOOK_BODY_LIMIT_BYTES": 1_048_576,
    # How far a signature's timestamp may lie from our clock, in the past or in the future.
    "WEBHOOK_TOLERANCE_SECONDS": 300,
    # "on" copies accepted Stripe events and their objects into dj-stripe's tables, in a worker; "objects" the
    # objects alone, as "on" does where the project mounts dj-stripe's webhook; "off" nothing.
    "MIRROR": "on",
    # None mirrors every type; else names, or prefixes that end in ".*" ("charge.*").
    "MIRROR_EVENT_TYPES": None,
    # How many workers of all hosts may mirror at once; the others are free for runs.
    "MIRROR_WORKERS": 1,
    # How often a worker lists Stripe's events and accepts what never arrived, in seconds; 0 is never.
    "RECONCILE_EVERY_SECONDS": 900,
    # How far back it looks each time; further if the last look is older.
    "RECONCILE_WINDOW_SECONDS": 7200,
    # The connected accounts ("acct_…") whose events it lists besides our own.
    "RECONCILE_ACCOUNTS": [],
    # The packages whose admin pages are made safe: "djstripe" (read-only) and "django_q" (hidden).
    "GUARD_ADMINS": [],
    # How many proxies of yours a request passes: so many entries of `X-Forwarded-For` are believed.
    "TRUSTED_PROXIES": 0,
    # Fernet keys for what is secret in tables: the first one encrypts, each of them decrypts. Without any
    # they follow from SECRET_KEY.
    "SECRET_KEYS": [],
    # Whether the busiest statements are compiled once, and prepared and joined where the database can.
    "COMPILED_SQL": True,
    # Another address for Stripe's API, such as the local stand-in; "" is Stripe itself.
    "STRIPE_API_BASE": "",
}


class UnknownSetting(KeyError):
    """A name was asked for that this app does not define."""


def get(name: str) -> object:
    """Return the setting `name`, or its default.

    Raises UnknownSetting for a name that is not in DEFAULTS.
    """
    if name not in DEFAULTS:
        raise UnknownSetting(name)
    return configured().get(name, DEFAULTS[name])


def configured() -> Mapping[str, object]:
    """The project's settings; none if `STRIPEFLOW` is no dictionary, which stripeflow.E107 reports."""
    found = getattr(settings, "STRIPEFLOW", None)
    return found if isinstance(found, Mapping) else {}


def get_int(name: str) -> int:
    """Return the setting `name` as a whole number; the system checks say when it is not one."""
    return int(str(get(name)))


def guarded_admins() -> list[str]:
    """Return the packages whose admin pages are made safe; none where the setting is no list."""
    found = get("GUARD_ADMINS")
    return [str(label) for label in found] if isinstance(found, list | tuple) else []


def queue_tasks() -> list[str]:
    """Return the further functions that our cluster may run; none where the setting is no list."""
    found = get("QUEUE_TASKS")
    return [str(path) for path in found] if isinstance(found, list | tuple) else []


def reconcile_accounts() -> tuple[str, ...]:
    """Return the connected accounts whose events are listed; none where the setting is no list."""
    found = get("RECONCILE_ACCOUNTS")
    return tuple(str(account) for account in found) if isinstance(found, list | tuple) else ()


def secret_keys() -> list[str]:
    """Return the keys that encrypt; none if the setting is no list, which the system checks report."""
    found = get("SECRET_KEYS")
    return [str(key) for key in found] if isinstance(found, list | tuple) else []


def mirrors(event_type: str) -> bool:
    """Return whether events of `event_type` are copied into dj-stripe's tables."""
    if get("MIRROR") not in ("on", "objects"):
        return False
    wanted = get("MIRROR_EVENT_TYPES")
    if wanted is None:
        return True
    return isinstance(wanted, Sequence) and any(_covers(str(pattern), event_type) for pattern in wanted)


def _covers(pattern: str, event_type: str) -> bool:
    if pattern.endswith(".*"):
        return event_type.startswith(pattern[:-1])
    return pattern == event_type
