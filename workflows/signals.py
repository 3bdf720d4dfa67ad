"""Signals for the host project. Receivers run in the worker, after the state is written."""

from django.dispatch import Signal

# A run became *failed* or *outcome unknown*. Sent with `run`, a `Run` with its workflow, version and event.
# A receiver that raises is logged, and changes nothing. A run that is retried and fails again sends again.
run_failed = Signal()

# A run was held because a condition was unknown: a person has to choose its branch. Sent with `run`, too.
run_undecided = Signal()
