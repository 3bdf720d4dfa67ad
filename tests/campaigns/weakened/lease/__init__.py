"""Runs that any worker may take from another one at any time."""
