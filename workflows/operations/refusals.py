"""Why an operation on a run is not possible, as an exception with its sentence."""

from django.utils.translation import gettext as _

from stripeflow.workflows.audit.acts import NotPossible
from stripeflow.workflows.definition.titles import title_in
from stripeflow.workflows.models import Run


class Outdated(NotPossible):
    """The run has another question by now than the one that the person has seen."""


class UnknownBranch(NotPossible):
    """The step has no branch with this key."""


def nothing_to_choose(run: Run) -> NotPossible:
    """No branch of the run waits to be chosen."""
    run.refresh_from_db(fields=["status"])
    return NotPossible(
        _("The run %(run)s is %(status)s, and has no branch to be chosen.")
        % {"run": run.pk, "status": run.get_status_display().lower()}
    )


def not_waiting(run: Run) -> NotPossible:
    """The run does not wait for a time that a person could end."""
    return NotPossible(_("The run %(run)s has no wait to end. Nothing was changed.") % {"run": run.pk})


def awaits_people(run: Run) -> NotPossible:
    """The run waits for a decision, which no wake replaces."""
    return NotPossible(_("The run %(run)s waits for an approval. Decide on that instead.") % {"run": run.pk})


def waits_elsewhere(run: Run, step: str) -> Outdated:
    """The run has come to another wait, at this step, since the person looked."""
    return Outdated(
        _(
            "Since you looked, the run %(run)s has come to another wait, at “%(step)s”. Nothing was changed. "
            "Look at the run again, and then decide."
        )
        % {"run": run.pk, "step": title_in(run.version.document, step)}
    )


def outdated(run: Run, *, seen: int) -> Outdated:
    """The run is no longer at the revision that the person has `seen`."""
    run.refresh_from_db(fields=["claims"])
    return Outdated(
        _(
            "The run %(run)s has changed since the revision %(seen)s, or that number is mistyped: it is at "
            "revision %(now)s. Nothing was done. Look at the run again, and then decide."
        )
        % {"run": run.pk, "seen": seen, "now": run.revision}
    )


def not_possible(run: Run) -> NotPossible:
    """The state of the run does not allow it, or its values were emptied."""
    run.refresh_from_db(fields=["status", "pruned_at"])
    if run.pruned_at is not None:
        return NotPossible(
            _("The run %(run)s was emptied on %(day)s because of its age, so this cannot be done any more.")
            % {"run": run.pk, "day": f"{run.pruned_at:%Y-%m-%d}"}
        )
    return NotPossible(
        _("The run %(run)s is %(status)s, so this cannot be done now.")
        % {"run": run.pk, "status": run.get_status_display().lower()}
    )
