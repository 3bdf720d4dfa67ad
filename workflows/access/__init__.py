"""Who may start what acts: the rule for setting off, roles, a second person, a proof."""
