"""The REST API, version 1: the same definitions, checks and engine as the admin, for programs."""
