"""The table of docs/templates.md: `python -m tests.workflows.workflow_templates.documenting`."""

from stripeflow.workflows.references.documentation import DOCS, table, write_section

PAGE = DOCS / "templates.md"


def template_table() -> str:
    """Each template that we bring, by goal: what it does, what it asks for, and what it may do."""
    from stripeflow.workflows.access.guarded import GUARDED
    from stripeflow.workflows.models.goal import Goal
    from stripeflow.workflows.workflow_templates.ours import OURS

    rows = (
        (
            Goal(one.goal).label,
            f"**{one.name}**: {one.description}",
            f"`{one.key}`",
            "; ".join(f"{parameter.label} (`{parameter.name}`)" for parameter in one.parameters),
            "; ".join(str(kind.label) for kind in GUARDED if kind.is_in(one.document())) or "–",
        )
        for goal in Goal
        for one in OURS
        if one.goal == goal
    )
    return table(("Goal", "Template", "Key", "Asks for", "What it may do"), rows)


if __name__ == "__main__":
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stripeflow_site.settings")
    django.setup()
    write_section(PAGE, "templates", template_table())
