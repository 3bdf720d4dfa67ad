"""A filter of a host's own, which tests register: a text of which only the last signs are shown."""

from stripeflow.workflows.references.filters import Argument, Filter

TEXT = frozenset({"text"})
MASKED = Filter(
    key="acme_masked",
    label="Masked",
    help_text="Shows only the last signs.",
    function=lambda given, shown=4: "•" * max(0, len(given.value) - shown) + given.value[-shown:],
    accepts=TEXT,
    gives=TEXT,
    arguments=(Argument("shown", "Signs that stay", "whole number"),),
)
