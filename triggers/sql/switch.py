"""The switch for everything that this package adds to Django: `STRIPEFLOW["COMPILED_SQL"]`."""

from stripeflow.triggers import conf


def is_on() -> bool:
    """Whether statements are compiled once, prepared, and joined where the database can."""
    return bool(conf.get("COMPILED_SQL"))
