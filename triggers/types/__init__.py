"""What a workflow may start on. One module and one entry a type; see `base.TriggerType`."""

# Of a new workflow, before anybody has chosen.
DEFAULT_TYPE = "stripe_event"
