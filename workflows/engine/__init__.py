"""The engine: claims a run, walks its frozen definition, and records what each step saw and did."""
