"""Examples for the schema's pages."""

from drf_spectacular.utils import OpenApiExample

DEFINITION_EXAMPLE = OpenApiExample(
    "Thank for large orders",
    request_only=True,
    value={
        "format": 1,
        "name": "Thank for large orders",
        "description": "",
        "trigger": {
            "type": "stripe_event",
            "event_type": "payment_intent.succeeded",
            "scope": {"mode": "live", "accounts": "own"},
            "conditions": {
                "match": "all",
                "conditions": [
                    {
                        "field": "trigger.amount",
                        "operator": "greater_than",
                        "value": {"amount": 100_000, "currency": "usd"},
                    }
                ],
            },
        },
        "steps": [
            {
                "key": "email_team",
                "type": "action",
                "name": "Ask for a thank-you note",
                "action": "email.team_member",
                "inputs": {
                    "to": ["editor"],
                    "subject": "A large order",
                    "body": "Please add a handwritten note for {{ trigger.customer }}.",
                },
                "on_error": "stop",
            }
        ],
    },
)
