"""Tells people what needs them: a run that did not end well, a pause, a schedule that starts nothing."""
