"""The editor and the history in the Django admin. Importing a module here registers its pages."""

from workflows.admin import branches, conditions, runs, steps, switch, tokens, trigger, versions, workflow

__all__ = ["branches", "conditions", "runs", "steps", "switch", "tokens", "trigger", "versions", "workflow"]
