"""What makes no sense in a step's own retry policy, for validation and for its form."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from workflows.engine.retry import contradictions
from workflows.engine.retry_settings import default_policy

_MESSAGES: dict[str, Promise] = {
    "cap_below_base": _("The longest pause (%(cap)g s) is shorter than the first one (%(base)g s)."),
    "total_below_base": _(
        "The total time (%(total)g s) is shorter than the first pause (%(base)g s), so the step would hardly "
        "be tried again."
    ),
    "total_beyond_key": _(
        "The total time has to stay below 23 hours (82,800 s). Stripe may forget an idempotency key after a "
        "day, so that nobody could tell any more whether a repeated call happens twice."
    ),
}


def retry_problems(own: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """The name of a value of `retry`, a code and a sentence for each contradiction.

    What the step leaves open is the installation's.
    """
    if not own:
        return
    policy = default_policy().with_own(own)
    numbers = {"base": policy.base, "cap": policy.cap, "total": policy.total}
    for name, code in contradictions(policy):
        # Of two values that do not fit together, the one to mend is the step's own.
        own_name = name if name in own else "base_seconds"
        if own_name in own:
            yield own_name, code, str(_MESSAGES[code]) % numbers
