from rest_framework import serializers

from stripeflow.workflows.definition.choices import IfUndecided
from stripeflow.workflows.definition.problems import Severity


class Problem(serializers.Serializer):
    """One thing that is wrong, and where. `message` is a sentence for people."""

    path = serializers.CharField(help_text="JSON pointer into the body, or `/name` of a query parameter.")
    code = serializers.CharField(help_text="Stable, for programs.")
    message = serializers.CharField()
    step = serializers.CharField(help_text="Key of the step, empty for the trigger.")
    branch = serializers.CharField(help_text="Key of the branch within the step.")
    field = serializers.CharField(help_text="Name of the input, condition field or parameter.")
    severity = serializers.ChoiceField(
        [str(one) for one in Severity],
        help_text="A `warning` does not stand against activation; it says what may not be as it was meant.",
    )


class ErrorDetail(serializers.Serializer):
    type = serializers.ChoiceField(
        [
            "authentication",
            "conflict",
            "definition",
            "invalid_request",
            "not_found",
            "permission",
        ]
    )
    code = serializers.CharField(help_text="Stable, for programs.")
    message = serializers.CharField(help_text="A sentence for people.")
    problems = Problem(many=True)


class Error(serializers.Serializer):
    """The shape of every error."""

    error = ErrorDetail()


class BranchRule(serializers.Serializer):
    """What a branch step does if a condition is unknown before one is met."""

    step = serializers.CharField(help_text="Key of the branch step.")
    branches = serializers.DictField(
        child=serializers.ChoiceField(IfUndecided.choices),
        help_text="For each branch with conditions, by its key: what is done if these are the first ones "
        "that are unknown. `otherwise`: “All other cases” is taken. `stop`: the run is held for a person.",
    )
    message = serializers.CharField(help_text="The same in words, with the reason.")


class Problems(serializers.Serializer):
    """The outcome of validating. Without problems it can be activated."""

    valid = serializers.BooleanField()
    moves_money = serializers.BooleanField(help_text="Whether activating needs the permission for it.")
    changes_customers = serializers.BooleanField(
        help_text="Whether activating needs the permission for workflows that change customers."
    )
    sends_values = serializers.BooleanField(
        help_text="Whether activating needs the permission to see payloads: an action sends values out."
    )
    problems = Problem(many=True)
    warnings = Problem(many=True, help_text="What to think about; it does not keep it from being activated.")
    undecided = BranchRule(many=True, help_text="Which rule applies to each branch step.")
