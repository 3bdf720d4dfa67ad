"""Steps that wait: for a time, or until a date."""
