"""The definition document: `format: 1`, the same for versions, API, export and import."""
