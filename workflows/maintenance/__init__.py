"""What an operator runs: emptying what is old, and going on after a restored backup."""
