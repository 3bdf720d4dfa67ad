"""What keeps workflows from running away: the kill switch, pauses, loops of events, caps on money."""
