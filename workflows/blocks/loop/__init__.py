"""Steps that take a list, and run their own steps once for each of its items."""
