"""Dry runs and back-tests: what a definition would do on one event, or on many, without sending anything.

Pure but for `stored` and `backtest`, which read events. No action is called.
"""
