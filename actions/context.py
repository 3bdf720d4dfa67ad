"""What an action knows about the step that it runs for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

from stripeflow.actions import conf

# Metadata keys that we write on Stripe objects; a person's own metadata may not use them.
RESERVED_METADATA_KEYS = ("stripeflow_run", "stripeflow_step")


def _unlimited(
    *, amount: int, currency: str, made_at: float | None = None, customer: str | None = ""
) -> None:
    """No limit: for actions that are called outside a workflow."""


def _nothing_to_waive() -> None:
    """The same for a call that moves nothing."""


@dataclass(frozen=True, kw_only=True)
class ActionContext:
    """Facts of one step of one run; all but `reserve` and `waive` are plain values.

    `idempotency_key` is the same for every repeat.

    `step_key` names the step within its run, in a loop with the ID of the item, so that
    (`run_id`, `step_key`) is unique. `step_id` names the step across all runs and items. `written` are its
    inputs as the author wrote them, references unresolved. `account` is the connected account ("acct_…") or
    empty; `event_id` is Stripe's id or empty; `run_url` is the path of the run's page or empty. Whatever this
    step has created was created at `since` or later (Unix seconds of the event). A look-up of a lost call
    knows when the first call with this key was made: `called_at` (Unix seconds by our clock), else 0.

    `reserve(amount=…, currency=…, customer=…)`, in minor units, is to be called right before money moves, by
    every action that moves it; it raises `PermanentError` if that would pass a daily limit. `customer` is the
    id of the Stripe customer whose money it is; None says that it is nobody's, such as a payout, and without
    it nobody knows, so a limit for one customer refuses the call. A repeat of the same step
    reserves nothing more, and may ask for less, never for more or another currency. With `made_at`, in Unix
    seconds, it counts what an earlier call of the step has moved already. Where this one call moves nothing,
    such as paying an invoice of which nothing is due, `waive()` says so instead.
    """

    run_id: str
    workflow_name: str
    step_key: str
    step_name: str
    idempotency_key: str
    account: str = ""
    livemode: bool = False
    event_id: str = ""
    run_url: str = ""
    since: float = 0.0
    called_at: float = 0.0
    step_id: str = ""
    written: Mapping[str, Any] = field(default_factory=dict)
    reserve: Callable[..., None] = _unlimited
    waive: Callable[[], None] = _nothing_to_waive

    @property
    def stripe_metadata(self) -> dict[str, str]:
        """The metadata that finds an object of this step again."""
        return dict(zip(RESERVED_METADATA_KEYS, (self.run_id, self.step_key), strict=True))

    @property
    def absolute_run_url(self) -> str:
        """The run's page with scheme and host, or "" if the run has no page."""
        if not self.run_url:
            return ""
        return urljoin(conf.get("BASE_URL").rstrip("/") + "/", self.run_url)
