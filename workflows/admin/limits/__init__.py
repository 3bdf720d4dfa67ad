"""Pauses, the kill switch, refund limits, and accounts that have disconnected."""
