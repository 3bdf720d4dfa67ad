"""An app whose actions wait until they are let go, in whatever process: see `tests.crashes.in_flight`."""
