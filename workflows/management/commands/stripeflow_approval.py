"""`manage.py stripeflow_approval`: list what waits for people, and decide on it from the command line."""

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from stripeflow.actions.visible import single_line
from stripeflow.workflows.approvals.would import sums_text
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.models import Approval
from stripeflow.workflows.models.approval import Verdict
from stripeflow.workflows.operations.deciding import decide_each
from stripeflow.workflows.operations.waiting_for import mark_of, read_mark, waiting_for

LIST = "list"


class Command(BaseCommand):
    """A person decides here, too: `--as` names them, and the same rules hold for them as elsewhere."""

    help = (
        "Lists the approvals that wait, and approves or declines them. “list” changes nothing: it prints "
        "each as ID:DIGEST, which you then answer with. “--as” names the person who decides. They need the "
        "permissions, and nobody decides on their own request. One line for each says what became of it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("verb", choices=[LIST, *Verdict.values], help="what is done")
        parser.add_argument("approvals", nargs="*", metavar="ID:DIGEST", help="as “list” prints them")
        parser.add_argument("--as", dest="user", default="", help="the user name of the person who decides")
        parser.add_argument("--note", default="", help="why; kept with the decision")

    def handle(self, *args: object, **options: Any) -> None:
        user = _user(options["user"]) if options["user"] else None
        if options["verb"] == LIST:
            self._list(user)
            return
        if user is None:
            raise CommandError("Say who decides: --as USERNAME.")
        seen = dict(_seen(one) for one in options["approvals"])
        if not seen:
            raise CommandError("Name the approvals as ID:DIGEST, as “list” prints them.")
        act = Act.by(self, options["note"], user=user)
        failed = 0
        for result in decide_each(seen, Verdict(options["verb"]), act):
            if result.approval is None:
                failed += 1
                self.stderr.write(f"{result.id}  {result.message}")
            else:
                self.stdout.write(f"{result.id}  {result.approval.status}")
        if failed:
            raise CommandError(f"{failed} of {len(seen)} approvals could not be decided.")

    def _list(self, user: Any) -> None:
        """Those that wait for this person; without one, all that wait."""
        rows = waiting_for(user) if user else Approval.objects.pending().select_related("run__workflow")
        for one in rows:
            facts = [mark_of(one), str(one.run_id), one.run.workflow.name, sums_text(one.sums)]
            self.stdout.write("  ".join(filter(None, [*facts, single_line(one.question)])))


def _user(name: str) -> Any:  # noqa: ANN401  the project's model
    model = get_user_model()
    found = model._default_manager.filter(**{model.USERNAME_FIELD: name}).first()
    if found is None:
        raise CommandError(f"There is no user “{name}”.")
    return found


def _seen(text: str) -> tuple[int, str]:
    try:
        return read_mark(text)
    except ValueError as error:
        raise CommandError(f"“{text}” is not ID:DIGEST, as “list” prints it.") from error
