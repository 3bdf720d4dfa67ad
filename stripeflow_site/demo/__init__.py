"""`make demo`: the whole product on this machine, from signed events to a verdict on what was done."""
