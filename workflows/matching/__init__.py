"""Which runs an event starts, and why a workflow did not run."""
