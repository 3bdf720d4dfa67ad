"""Before it runs: what a definition would make of an event, and of many, without sending anything.

Pure but for `stored` and `backtest`, which read events. No action is called.
"""
