"""Signals for the host project. Receivers run in the worker, after the state is committed.

Each is sent with `sender=Run` and `run`, a `Run` with its workflow, version and event. A receiver that raises
is logged, and changes nothing. A worker that ends between the commit and the signal never sends it: what must
not be missed belongs into a workflow that starts when another one finished, or to an event destination.
See docs/webhooks-out.md.
"""

from django.dispatch import Signal

# A worker has begun the run.
run_started = Signal()

# The run has come to a step that waits. Retries of a step are not told.
run_waiting = Signal()

# People are asked to approve what the run would do. Sent with `approval`, too.
run_approval_asked = Signal()

run_succeeded = Signal()

# A run became *failed* or *outcome unknown*. A run that is retried and fails again sends again.
run_failed = Signal()

# A run was held because a condition was unknown: a person has to choose its branch.
run_undecided = Signal()

run_canceled = Signal()
