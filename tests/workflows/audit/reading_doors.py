"""The pages and addresses of the API that take something, and change nothing: no row is left."""

# Those that read, or keep something for the reader alone.
READING_PAGES = {
    "workflow": {
        "backtest",
        "changes",
        "counts",
        "export",
        "revision",
        "sdk",
        "templates",
        "test",
    },
    "run": {"items", "news", "state", "why", "why_event"},
    "step": {"add_values", "copy", "favourite", "values"},
    "branch": {"sentence"},
    "cancelevent": {"sentence"},
    "condition": {"sentence"},
    "trigger": {"outlook", "seen", "sentence"},
}
READING_API = {
    "Workflows.validate_document",
    "Rehearsals.test",
    "Rehearsals.backtest",
    "Templates.backtest",
    "Replays.preview",
    "Schedules.preview",
    "BulkInvocations.preview",
    "NothingHere.nothing",
}
