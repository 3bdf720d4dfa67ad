"""A whole installation on this machine, each part a process: for demo, `make serve` and flow tests."""
