"""The audit log: what kinds of acts there are (`kinds`), and writing one down (`record`)."""
