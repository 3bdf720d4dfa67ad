"""A recurring schedule: which instants it names, by pure arithmetic. Clocks are always given."""
