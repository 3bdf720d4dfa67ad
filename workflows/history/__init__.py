"""The history for people: what a run did and why, in words. Pure: rows and documents in, values out."""
