"""Tables in which the same event, run and step may stand several times."""
