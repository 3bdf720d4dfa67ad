from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from stripeflow.workflows.api.bodies import exactly_one
from stripeflow.workflows.api.shapes.invoking import Invoke, InvokedRun
from stripeflow.workflows.operations.bulk import Line, State
from stripeflow.workflows.operations.table import MAX_LINES, MAX_TEXT


class ChooseLines(Invoke):
    """Several starts: by `lines`, or by `csv`. Everything else counts for all of them."""

    rules = exactly_one("lines", "csv")

    inputs = None
    note = None
    lines = serializers.ListField(
        child=serializers.DictField(),
        required=False,
        min_length=1,
        max_length=MAX_LINES,
        help_text="The inputs of each run by name, as for a single one. The first is line 1.",
    )
    csv = serializers.CharField(
        required=False,
        max_length=MAX_TEXT,
        help_text="A header and lines; or IDs, one a line, where the only required input is one. Amounts are "
        "in major units, as 1048.50, with the currency in a column of its own.",
    )
    columns = serializers.DictField(
        child=serializers.CharField(max_length=1000),
        required=False,
        help_text="With `csv`: for an input's name, its column. Else the one of that name or label.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("lines" in attrs) is ("csv" in attrs):
            raise serializers.ValidationError(_("Give either “lines” or “csv”."))
        return attrs


class StartLines(ChooseLines):
    confirm = serializers.CharField(
        required=False,
        max_length=1000,
        help_text="Where money moves: `confirmation` of the preview, as a person has typed it.",
    )
    note = serializers.CharField(
        required=False, allow_blank=True, max_length=500, help_text="Why. Kept with the runs."
    )


class LineProblem(serializers.Serializer):
    path = serializers.CharField(help_text="The input's name; empty for the line as a whole.")
    code = serializers.CharField()
    message = serializers.CharField()


class BulkLine(serializers.Serializer):
    line = serializers.IntegerField(source="row.number")
    state = serializers.ChoiceField([state.value for state in State])
    problems = LineProblem(source="row.problems", many=True)
    run = serializers.SerializerMethodField(help_text="What the line has started before; null: nothing.")

    def get_run(self, line: Line) -> str | None:
        return str(line.run.pk) if line.run else None


class BulkSum(serializers.Serializer):
    label = serializers.CharField(help_text="Of the input.")
    currency = serializers.CharField()
    amount = serializers.IntegerField(help_text="Minor units.")


class BulkShape(serializers.Serializer):
    """What the lines would start. Nothing was started."""

    version = serializers.IntegerField(source="version.number")
    key = serializers.CharField(help_text="The Idempotency-Key.")
    would_start = serializers.SerializerMethodField(help_text="How many runs would start.")
    sums = BulkSum(many=True)
    confirmation = serializers.CharField(help_text="What `confirm` has to say; empty if no money moves.")
    lines = BulkLine(many=True)

    def get_would_start(self, bulk: Any) -> int:
        return len(bulk.new)


class DoneLine(serializers.Serializer):
    line = serializers.IntegerField(source="number")
    run = InvokedRun(allow_null=True, help_text="null: none was started.")
    is_new = serializers.BooleanField(help_text="false: the line had started it before.")
    code = serializers.CharField(help_text="Why no run was started; empty if one was.")
    message = serializers.CharField(source="reason", help_text="The same as a sentence.")


class BulkDone(serializers.Serializer):
    """What became of each line."""

    started = serializers.IntegerField(help_text="How many runs this call has started.")
    lines = DoneLine(many=True)
