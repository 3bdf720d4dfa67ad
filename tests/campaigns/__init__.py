"""Campaigns against a whole installation: `python -m tests.campaigns.chaos` and `…fuzz`."""
