"""An app whose action forgets the idempotency key, to prove that the campaign notices."""
