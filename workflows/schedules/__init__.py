"""Workflows that start by themselves: up to when each schedule is done, and what comes about next."""
