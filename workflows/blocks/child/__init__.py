"""The step that runs another workflow: its settings, how the other run starts, and how its end comes back."""
