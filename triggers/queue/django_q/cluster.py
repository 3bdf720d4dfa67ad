"""What a worker of our cluster runs with."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings

from stripeflow.triggers import conf

# django-q2's own values where its settings name none.
QUEUE_DEFAULTS = {"timeout": None, "retry": 60, "queue_limit": None, "workers": 4, "max_attempts": 0}


def queue_settings() -> dict[str, Any]:
    """What a worker of our cluster runs with: Q_CLUSTER, with the alternative of our name over it."""
    base = dict(getattr(settings, "Q_CLUSTER", {}))
    alternatives = base.pop("ALT_CLUSTERS", {})
    own = alternatives.get(conf.get("QUEUE_CLUSTER"), {}) if isinstance(alternatives, Mapping) else {}
    return {**QUEUE_DEFAULTS, **base, **own}
