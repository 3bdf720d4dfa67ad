"""Pieces that several templates share."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from stripeflow.actions.wording import Text
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.workflow_templates.base import Parameter

Money = dict[str, Any]

EMPTY = "—"
# The events after which nobody has to pay an invoice any more.
SETTLED = ("invoice.paid", "invoice.voided", "invoice.marked_uncollectible")


def team_members(name: str, label: Text) -> Parameter:
    """People who get an e-mail."""
    help_text = _("One or more team members.")
    return Parameter(name=name, label=label, kind="team_members", help_text=help_text, default=())


RECIPIENTS = team_members("recipients", _("Who gets the e-mail"))
APPROVERS = Parameter(
    name="approvers",
    label=_("Who decides"),
    kind="approvers",
    help_text=_("Choose nobody, and everybody who may decide on approvals is asked."),
    default=(),
)


def days(name: str, label: Text, preset: int) -> Parameter:
    """A number of days."""
    return Parameter(name=name, label=label, kind="days", default=preset)


def threshold(name: str, label: Text, major: int) -> Parameter:
    """An amount of money, preset in US dollars."""
    return Parameter(name=name, label=label, kind="money", default={"amount": major * 100, "currency": "usd"})


def amount_test(field: str, operator: str, value: Money) -> Json:
    """A group of one condition: `field` compared with an amount of one currency."""
    test = {"field": field, "operator": operator, "value": dict(value)}
    return {"match": "all", "conditions": [test]}


def large_payment(values: Mapping[str, Any]) -> Json:
    """The trigger: a payment above the parameter `minimum`."""
    return {
        "type": "stripe_event",
        "event_type": "payment_intent.succeeded",
        "conditions": amount_test("trigger.amount", "greater_than", values["minimum"]),
    }


def thank_you_email(values: Mapping[str, Any]) -> Json:
    """The step that asks a team member for a handwritten note."""
    return {
        "key": "email_team",
        "type": "action",
        "name": str(_("Ask for a thank-you note")),
        "action": "email.team_member",
        "on_error": "stop",
        "inputs": {
            "to": list(values["recipients"]),
            "subject": str(_("A large order: add a thank-you note")),
            "body": str(_("Please add a handwritten thank-you note to this order before it is shipped.")),
            "append": [
                {
                    "label": str(_("Customer ID")),
                    "value": '{{ trigger.customer | default("%s") }}' % _("none (a guest)"),
                },
                {"label": str(_("Amount")), "value": "{{ trigger.amount | money }}"},
            ],
        },
    }


# Steps


def shown(path: str, *filters: str) -> str:
    """A reference for people to read; a dash where there is no value."""
    return "{{ %s }}" % " | ".join((path, *filters, f'default("{EMPTY}")'))


def action(key: str, name: Text, action: str, *, on_error: str = "stop", **inputs: Any) -> Json:
    """A step that calls an action. An input's dot is written as two underscores."""
    named = {input_name.replace("__", "."): value for input_name, value in inputs.items()}
    return {
        "key": key,
        "type": "action",
        "name": str(name),
        "action": action,
        "on_error": on_error,
        "inputs": named,
    }


def email(key: str, name: Text, to: Sequence[str], subject: str, body: Text, *rows: tuple[Text, str]) -> Json:
    """A step that writes to team members; each row is a label and a value."""
    append = [{"label": str(label), "value": value} for label, value in rows]
    return action(key, name, "email.team_member", to=list(to), subject=subject, body=str(body), append=append)


def condition(field: str, operator: str, value: Any = None) -> Json:
    """One condition."""
    return {"field": field, "operator": operator, "value": value}


def all_of(*conditions: Json) -> Json:
    """A group of conditions, each of which has to be met."""
    return {"match": "all", "conditions": list(conditions)}


def lane(key: str, *steps: Json, conditions: Json | None = None) -> Json:
    """A list of steps inside a step, with conditions where the step asks for them."""
    return {
        "key": key,
        "name": "",
        "steps": list(steps),
        **({"conditions": conditions} if conditions else {}),
    }


def otherwise(*steps: Json, key: str = "otherwise") -> Json:
    """The lane that is taken where no other one is."""
    return {"key": key, "name": "", "otherwise": True, "steps": list(steps)}


def block(kind: str, key: str, name: Text, *lanes: Json, **settings: Any) -> Json:
    """A step of a kind that steers the run, with its lanes."""
    return {"key": key, "type": kind, "name": str(name), "branches": list(lanes), **settings}


def branch(key: str, name: Text, *lanes: Json, **settings: Any) -> Json:
    """A branch step."""
    return block("branch", key, name, *lanes, **settings)


def approval(
    key: str,
    name: Text,
    question: str,
    values: Mapping[str, Any],
    *,
    declined: Sequence[Json] = (),
    timed_out: Sequence[Json] = (),
) -> Json:
    """A step that asks one of the parameter `approvers`, for a week."""
    inputs = {
        "question": question,
        "users": list(values["approvers"]),
        "needed": 1,
        "amount": 7,
        "unit": "days",
    }
    lanes = (lane("declined", *declined), lane("timed_out", *timed_out))
    return block("approval", key, name, *lanes, inputs=inputs)


def note(key: str, text: Text) -> Json:
    """A step that writes a sentence into the run's history."""
    return {"key": key, "type": "note", "name": "", "inputs": {"text": str(text)}}


def wait(key: str, name: Text, amount: int) -> Json:
    """A step that waits for some days."""
    return {"key": key, "type": "wait", "name": str(name), "inputs": {"amount": amount, "unit": "days"}}


def starts_on(event_type: str, *conditions: Json, **settings: Any) -> Json:
    """A trigger on one event of Stripe."""
    return {
        "type": "stripe_event",
        "event_type": event_type,
        "conditions": all_of(*conditions),
        **settings,
    }
