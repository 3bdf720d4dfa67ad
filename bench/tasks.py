"""The no-op task of the baseline."""

from django.conf import settings

from bench import ledger


def noop(number: int) -> None:
    """Do nothing but leave a line, so that the drain can be timed."""
    ledger.note(settings.BENCH_LEDGER, str(number))
