"""An action that forgets the idempotency key."""
