"""How long a worker waits before it repeats a request to Stripe."""

from datetime import timedelta

_FIRST_DELAY = timedelta(seconds=10)
_LONGEST_DELAY = timedelta(hours=1)


def delay_after(failures: int) -> timedelta:
    """Return the pause after so many failures: ten seconds, doubling up to an hour."""
    return min(_FIRST_DELAY * 2 ** min(max(failures - 1, 0), 20), _LONGEST_DELAY)
