"""What the OpenAPI schema calls the enumerations that several of its objects share.

A module without imports, since settings read it too.
"""

ENUM_NAMES = {
    "WorkflowStatus": "stripeflow.workflows.states.WorkflowStatus",
    "RunStatus": "stripeflow.workflows.states.RunStatus",
    "StepStatus": "stripeflow.workflows.states.StepStatus",
    "ItemStatus": "stripeflow.workflows.states.ItemStatus",
    "DeliveryStatus": "stripeflow.workflows.states.DeliveryStatus",
    "DisabledBecause": "stripeflow.workflows.models.destination.DisabledBecause",
    "EventSource": "stripeflow.triggers.models.Source",
    "HeldReason": "stripeflow.workflows.models.run.HeldReason",
    "PauseCause": "stripeflow.workflows.models.limits.PauseCause",
    "RunVerb": "stripeflow.workflows.operations.verbs.Verb",
    "SuppressionReason": "stripeflow.actions.models.Reason",
    "StepOutcome": "stripeflow.workflows.operations.verbs.Outcome",
}
