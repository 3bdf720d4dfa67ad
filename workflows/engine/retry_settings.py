"""The retry policy of the installation, which holds where a step says nothing else."""

from workflows import conf
from workflows.engine.retry import RetryPolicy


def default_policy() -> RetryPolicy:
    """The policy of the settings."""
    return RetryPolicy(
        max_attempts=conf.get("MAX_ATTEMPTS"),
        base=conf.get("RETRY_BASE_SECONDS"),
        cap=conf.get("RETRY_CAP_SECONDS"),
        total=conf.get("RETRY_TOTAL_SECONDS"),
    )
