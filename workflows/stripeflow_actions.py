"""Registers the actions that are made of what the catalogue knows: every operation of Stripe's SDK.

The operations are read when the first one is asked for, so that nothing is imported at start-up.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from stripeflow.actions import registry

if TYPE_CHECKING:
    from stripeflow.actions.base import Action
    from stripeflow.actions.offers import Offer


class _Operations:
    def find(self, key: str) -> Action | None:
        return self._provider().find(key) if key.startswith("stripe.") else None

    def offers(self) -> tuple[Offer, ...]:
        return self._provider().offers()

    def _provider(self) -> registry.Provider:
        return import_module("stripeflow.workflows.stripe_operations.provider").OperationsProvider()


registry.provide(_Operations())
