"""The trigger that people set off: which inputs it asks for, of which kinds, and what its events hold."""
