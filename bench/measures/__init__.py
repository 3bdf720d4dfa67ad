"""The measures, by name. Each takes a `Session` and returns its figures."""
