"""What is read of versions."""
