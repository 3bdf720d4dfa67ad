"""The tables of an installation for trying out: migrated once for each version, then copied."""
