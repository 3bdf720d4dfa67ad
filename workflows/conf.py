"""The settings of this app, from the one dictionary `STRIPEFLOW` of the Django settings."""

from typing import Any

from stripeflow.triggers.conf import configured

# In `APPROVE_ABOVE`, in place of a currency: all that it does not name.
OTHER_CURRENCIES = "other"

DEFAULTS: dict[str, Any] = {
    # The named django-q2 cluster that runs the workflows.
    "QUEUE_CLUSTER": "stripeflow",
    # Seconds a claim lasts. Renewed before each step, except a first step that starts at once.
    "LEASE_SECONDS": 45,
    # How many runs one worker process works on at once.
    "CONCURRENCY": 16,
    # Database connections that all but the worker processes may hold: web servers, the worker command's
    # other processes, and a person's own commands.
    "OTHER_CONNECTIONS": 20,
    # Seconds for which one wake-up works off waiting runs, before it notifies and makes room.
    "DRAIN_SECONDS": 20,
    # Seconds after which a run makes room for others before its next step; well below the queue's timeout.
    "RUN_SECONDS": 45,
    # Seconds after which a message that nobody answered is repeated.
    "NOTIFY_AGAIN_SECONDS": 15,
    # How many attempts a step gets when its errors are transient, the first one included.
    "MAX_ATTEMPTS": 8,
    # How many times a step may crash its worker; then there is no further attempt.
    "MAX_INTERRUPTIONS": 3,
    # How many workers in a row may crash with a run before they record anything of it; then the run fails.
    "MAX_CLAIMS_WITHOUT_PROGRESS": 5,
    # Seconds before the second attempt, doubled for each later one, up to the cap.
    "RETRY_BASE_SECONDS": 2.0,
    "RETRY_CAP_SECONDS": 900.0,
    # Seconds since its first attempt after which a step gets no further one: 22 hours. It stays below the 23
    # for which a call may be repeated with its idempotency key.
    "RETRY_TOTAL_SECONDS": 79_200.0,
    # How many items a loop may be set to take.
    "LOOP_MAX_ITEMS": 100_000,
    # How many runs may cause each other before no further one starts.
    "MAX_CAUSE_DEPTH": 8,
    # Runs of one workflow for one object within an hour; further ones are held.
    "MAX_RUNS_PER_OBJECT_HOUR": 8,
    # Runs of one workflow within a minute; it is paused above that.
    "MAX_RUNS_PER_MINUTE": 1000,
    # What all workflows together may refund on one day (UTC): {"usd": 100_000} is $1,000.00.
    "REFUND_CAPS_PER_DAY": {},
    # What all workflows together may move for one customer on one day (UTC): {"usd": 20_000} is $200.00.
    "CUSTOMER_CAPS_PER_DAY": {},
    # What becomes of money that is limited for each customer if nobody knows the customer: "refuse" does not
    # let it move, "count" counts it for all other limits alone.
    "MONEY_WITHOUT_CUSTOMER": "refuse",
    # From what amount above a step that moves money waits until people have approved it, by currency in minor
    # units: {"usd": 50_000} is above $500.00.
    # A currency that is not named waits whatever the amount, unless {"other": None} says that none does.
    "APPROVE_ABOVE": {},
    # What becomes of a refund in a currency that has no limit: "count" lets it through, "refuse" does not.
    "REFUNDS_WITHOUT_CAP": "count",
    # Operations of Stripe whose answer opens something (a log-in link, a key), and which are allowed
    # nevertheless: "stripe.billing_portal.sessions.create".
    "STRIPE_ACTIONS_WITH_SECRETS": [],
    # Addresses where raw requests may write what the installed SDK does not know: "POST /v1/things/{id}".
    "STRIPE_RAW_REQUESTS": [],
    # Whether what moves money is activated by somebody who has not changed it since its last activation.
    "SECOND_PERSON": False,
    # The ids of your own accounts ("acct_…"). Stripe names them in events of an organization only.
    "OWN_ACCOUNTS": [],
    # Where links in e-mails point to.
    "BASE_URL": "http://127.0.0.1:8000",
    "DEFAULT_CURRENCY": "usd",
    # E-mail addresses that get the failures of workflows whose owner cannot be reached.
    "ALERT_RECIPIENTS": [],
    # Who may read the details of /health/, and /metrics, besides staff: a bearer token each; "" is nobody.
    "HEALTH_TOKEN": "",
    "METRICS_TOKEN": "",
    # Days after which a new token of the API expires, unless its maker says otherwise.
    "TOKEN_DAYS": 90,
    # A function of the project (dotted path) that is asked about the user before they let money move.
    "MONEY_CHECK": "",
    # Wrong tokens from one address within a minute; further ones get 429, and tokens that work still work.
    "WRONG_TOKENS_PER_MINUTE": 20,
    # Days after which entries of the audit log are deleted; 0 keeps them for ever.
    "AUDIT_DAYS": 0,
    # The ages in seconds above which /health/ fails; 0 for the last webhook: never.
    "HEALTH_SWEEP_SECONDS": 30,
    "HEALTH_CLUSTER_SECONDS": 120,
    "HEALTH_QUEUE_SECONDS": 120,
    "HEALTH_WEBHOOK_SECONDS": 0,
    "HEALTH_SCHEDULE_SECONDS": 300,
}

# Former names of settings, which keep working: former name → name.
RENAMED = {"RING_AGAIN_SECONDS": "NOTIFY_AGAIN_SECONDS", "HEALTH_RING_SECONDS": "HEALTH_SWEEP_SECONDS"}
_FORMER = {name: former for former, name in RENAMED.items()}


def get(name: str) -> Any:
    """The value of one setting. Raises `KeyError` for a name that this app does not have."""
    default, found = DEFAULTS[name], configured()
    return found.get(name, found.get(_FORMER[name], default) if name in _FORMER else default)
