"""The editor in the Django admin. Importing a module here registers its pages."""

from workflows.admin import branches, conditions, steps, trigger, workflow

__all__ = ["branches", "conditions", "steps", "trigger", "workflow"]
