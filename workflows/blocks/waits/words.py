"""What waits are called on cards, and why one cannot be kept."""

from django.utils import dates
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from stripeflow.actions.wording import worded
from stripeflow.workflows.blocks.waits.instants import LONGEST, Unit
from stripeflow.workflows.models.failures import Failure, failure

UNITS = (
    (Unit.MINUTES.value, gettext_lazy("Minutes")),
    (Unit.HOURS.value, gettext_lazy("Hours")),
    (Unit.DAYS.value, gettext_lazy("Days")),
    (Unit.WEEKS.value, gettext_lazy("Weeks")),
)
# Monday is 0, as in Python.
WEEKDAYS = tuple((str(number), name) for number, name in dates.WEEKDAYS.items())


def amount_words(amount: int, unit: Unit) -> str:
    """ "3 days"."""
    match unit:
        case Unit.MINUTES:
            return ngettext("%d minute", "%d minutes", amount) % amount
        case Unit.HOURS:
            return ngettext("%d hour", "%d hours", amount) % amount
        case Unit.DAYS:
            return ngettext("%d day", "%d days", amount) % amount
        case Unit.WEEKS:
            return ngettext("%d week", "%d weeks", amount) % amount


def too_long_sentence() -> str:
    """Why a wait is refused, before it runs and when it does."""
    return _("A run may wait for at most %d days at a step.") % LONGEST.days


def too_long() -> Failure:
    """The error of a step whose wait would be longer than any may be."""
    return failure("wait_too_long", worded(too_long_sentence()))
