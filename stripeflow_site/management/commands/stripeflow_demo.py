"""`manage.py stripeflow_demo`: what the demo and `make serve` start with. Safe to repeat."""

import io
import json
import os
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import transaction

from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.credentials import tokens
from stripeflow.workflows.credentials.token_lifetime import end_of
from stripeflow.workflows.models import ApiToken, Workflow
from stripeflow.workflows.models.token_scope import Scope
from stripeflow.workflows.operations import lifecycle
from stripeflow.workflows.workflow_templates import WorkflowTemplate, template
from stripeflow_site.local.installation import PASSWORD_VARIABLE

ADMIN, PACKER, INVESTIGATOR = "admin", "packer", "investigator"
TOKEN = "Demo"  # noqa: S105  its name
# The templates that are activated, and who gets their e-mails. They need nothing else.
RECIPIENTS = {"personalize_orders": PACKER, "tag_customers": PACKER, "fraud_warnings": INVESTIGATOR}


class Command(BaseCommand):
    help = (
        "Prepares an installation for trying out: a superuser “admin” with the password in "
        f"{PASSWORD_VARIABLE}, two staff members, an API token and the webhook endpoint. Prints JSON."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--url", required=True, help="The site's address.")
        parser.add_argument("--account", default="", help="The acct_… ID of the account.")
        parser.add_argument("--workflows", action="store_true", help="Activate a copy of three templates.")

    def handle(self, *args: Any, **options: Any) -> None:
        admin = self._users()
        if options["workflows"]:
            for key in RECIPIENTS:
                _activate_copy(template(key), admin, Act.by(self, user=admin))
        report = {
            "webhook_path": self._endpoint(options["url"], options["account"]),
            "username": ADMIN,
            "password_works": admin.check_password(os.environ.get(PASSWORD_VARIABLE, "")),
            "token": self._token(admin),
        }
        self.stdout.write(json.dumps(report))

    def _users(self) -> AbstractBaseUser:
        users = get_user_model()._default_manager
        for name in (PACKER, INVESTIGATOR):
            if not users.filter(username=name).exists():
                users.create_user(name, f"{name}@example.com", None, is_staff=True)
        admin = users.filter(username=ADMIN).first()
        if admin is None:
            password = os.environ.get(PASSWORD_VARIABLE) or None
            admin = users.create_superuser(ADMIN, f"{ADMIN}@example.com", password)
        return admin

    def _token(self, admin: Any) -> str:
        """A new token in the place of those of earlier starts, which nobody knows any more."""
        act = Act.by(self)
        for earlier in ApiToken.objects.filter(user=admin, name=TOKEN):
            tokens.delete(earlier, act)
        token = ApiToken(user=admin, name=TOKEN, expires_at=end_of())
        token.granted = Scope
        return tokens.make(token, act)

    def _endpoint(self, url: str, account: str) -> str:
        printed = io.StringIO()
        call_command("stripeflow_endpoint", url=url, account=account, stdout=printed, stderr=io.StringIO())
        return printed.getvalue().strip()


@transaction.atomic
def _activate_copy(made: WorkflowTemplate, admin: AbstractBaseUser, act: Act) -> None:
    """Make and activate a copy, unless there is one in whatever state."""
    if Workflow.objects.filter(template_key=made.key).exists():
        return
    document = made.document({"recipients": [RECIPIENTS[made.key]]})
    workflow = lifecycle.create(document, owner=admin, template_key=made.key, act=act)
    lifecycle.activate(workflow, act)
