"""The types of a version's conditions lie beside its document, which is then the same as a draft's.

A version is never changed, as its meaning must not. This moves the types as they are, each with the JSON
pointer of its condition, so that every condition is judged by what it was judged by before. Going back writes
them into the document again.

The column of the document gets another name: a process of the version before would read a document without
types, and take every condition on an amount for unknown. Without its column it fails, and events that it
could not match, and runs that it could not load, are taken up again by processes of this version.
"""

from django.db import migrations, models

INSIDE = ("type", "currency_field", "currency", "value_type", "value_currency_field", "value_currency")
# Written into every condition, also where nothing was known.
ALWAYS = ("type", "currency_field")


def take_out(apps, schema_editor):
    """One statement for each version that has conditions."""
    for versions, pk, document, _types in _versions(apps, schema_editor):
        types = without_types(document)
        versions.filter(pk=pk).update(document=document, types=types)


def put_in(apps, schema_editor):
    for versions, pk, document, types in _versions(apps, schema_editor):
        with_types(document, types)
        versions.filter(pk=pk).update(document=document)


def _versions(apps, schema_editor):
    versions = apps.get_model("stripeflow_workflows", "WorkflowVersion").objects
    versions = versions.using(schema_editor.connection.alias)
    for pk in list(versions.order_by("pk").values_list("pk", flat=True)):
        document, types = versions.values_list("document", "types").get(pk=pk)
        if any(conditions_of(document)):
            yield versions, pk, document, types


def without_types(document):
    """Takes the types out of a document; returns them, but for those that say nothing."""
    types = {}
    for path, condition in conditions_of(document):
        taken = {key: condition.pop(key, None) for key in INSIDE}
        if given := {key: value for key, value in taken.items() if value is not None}:
            types[path] = given
    return types


def with_types(document, types):
    """Writes the types into a document, as they stood in it."""
    for path, condition in conditions_of(document):
        condition.update(dict.fromkeys(ALWAYS) | types.get(path, {}))


def conditions_of(document):
    """Every condition on a field, with its JSON pointer."""
    yield from _in_group(document.get("trigger", {}).get("conditions"), "/trigger/conditions")
    yield from _in_steps(document.get("steps", []), "/steps")


def _in_steps(steps, path):
    for index, step in enumerate(steps):
        here = f"{path}/{index}"
        for number, branch in enumerate(step.get("branches", [])):
            inside = f"{here}/branches/{number}"
            yield from _in_group(branch.get("conditions"), f"{inside}/conditions")
            yield from _in_steps(branch.get("steps", []), f"{inside}/steps")
        error_steps = (step.get("error_branch") or {}).get("steps", [])
        yield from _in_steps(error_steps, f"{here}/error_branch/steps")


def _in_group(group, path):
    for index, condition in enumerate((group or {}).get("conditions", [])):
        here = f"{path}/conditions/{index}"
        if "field" in condition:
            yield here, condition
        yield from _in_group(condition, here)


class Migration(migrations.Migration):

    dependencies = [
        ('stripeflow_workflows', '0014_a_step_run_says_that_its_failure_was_handled'),
    ]

    operations = [
        migrations.AddField(
            model_name='workflowversion',
            name='types',
            field=models.JSONField(blank=True, default=dict, editable=False, verbose_name='types of its conditions'),
        ),
        migrations.AlterField(
            model_name='workflowversion',
            name='document',
            field=models.JSONField(db_column='definition', verbose_name='definition'),
        ),
        migrations.RunPython(take_out, put_in),
    ]
