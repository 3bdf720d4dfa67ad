"""What lets a caller in, and what a step calls with: API tokens, and named secrets."""
