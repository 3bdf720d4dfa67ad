"""Signs of life, and a SIGTERM that waits for the step under way."""
