"""Runs that wait for events: what they wait for, looking for it, and telling them that it came."""
