"""The trigger on the end of another workflow's runs: its settings, and what its events hold."""
