"""What is read from outside: health, metrics, probes."""
