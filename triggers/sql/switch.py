"""The switch for all that this package does more than Django: `STRIPEFLOW["COMPILED_SQL"]`."""

from stripeflow.triggers import conf


def is_on() -> bool:
    """Whether statements are compiled once, prepared, and joined where the database can."""
    return bool(conf.get("COMPILED_SQL"))
