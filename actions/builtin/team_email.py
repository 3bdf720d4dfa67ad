"""Email a team member."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from stripeflow.actions import people
from stripeflow.actions.base import Action, OutputField, Outputs, Preview, Repeat
from stripeflow.actions.builtin.mail_delivery import deliver
from stripeflow.actions.builtin.mail_message import compose
from stripeflow.actions.context import ActionContext
from stripeflow.actions.database import brief_use
from stripeflow.actions.errors import PermanentError
from stripeflow.actions.inputs import LabelledValuesInput, StringInput, TeamMembersInput, TextInput
from stripeflow.actions.inputs.text import is_email
from stripeflow.actions.wording import worded


class EmailTeamMember(Action):
    key = "email.team_member"
    label = _("Email a team member")
    description = _("Send an e-mail to people who work here, with values from the event.")
    category = _("Notifications")
    icon = "mail"
    repeat = Repeat.ASK
    moves_money = False
    destructive = False
    changes_customers = False
    inputs: ClassVar = (
        TeamMembersInput(
            "to", label=_("To"), required=True, help_text=_("Team members: staff users of this site.")
        ),
        StringInput(
            "subject",
            label=_("Subject"),
            required=True,
            max_length=255,
            shortens=True,
            named_after_workflow=True,
        ),
        TextInput("body", label=_("Body"), required=True, shortens=True),
        LabelledValuesInput(
            "append",
            label=_("Append to body"),
            help_text=_("Each row becomes a line “label: value”; an empty value shows as “—”."),
        ),
    )
    outputs = Outputs(
        fields=(
            OutputField("message_id", _("Message ID"), "string"),
            OutputField("subject", _("Subject"), "string"),
            OutputField("recipients", _("Recipients"), "list"),
            OutputField("skipped", _("Skipped usernames"), "list"),
        )
    )

    def run(self, inputs: Mapping[str, Any], context: ActionContext) -> dict:
        recipients = _recipients(inputs["to"])
        if not recipients:
            message = _now("Nobody in “To” is an active staff user with an e-mail address.")
            details = {"usernames": list(inputs["to"])}
            raise PermanentError(worded(message), code="no_recipients", details=details)
        mail = compose(inputs, context)
        deliver(mail, list(recipients.values()))
        return {
            "message_id": mail.message_id,
            "subject": mail.subject,
            "recipients": list(recipients.values()),
            "skipped": [name for name in inputs["to"] if name not in recipients],
        }

    def preview(self, inputs: Mapping[str, Any], context: ActionContext) -> Preview:
        mail = compose(inputs, context)
        recipients = _recipients(inputs.get("to") or [])
        return Preview(mail.subject, mail.text, mail.html, tuple(recipients.values()))


def _recipients(usernames: list[str]) -> dict[str, str]:
    """Return username → e-mail address of those who can be written to now."""
    with brief_use():
        users = {user.get_username(): people.email_of(user) for user in people.active_staff_named(usernames)}
    return {name: users[name] for name in usernames if is_email(users.get(name, ""))}
