"""Webhooks out: which event destinations there are, what they are to be sent, and sending it."""
