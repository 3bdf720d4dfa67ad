"""Approvals: what would happen, who may decide, and what became of it."""
