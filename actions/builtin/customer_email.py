"""E-mail a customer."""

from collections.abc import Mapping
from datetime import timedelta
from email.utils import parseaddr
from typing import Any, ClassVar

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from stripeflow.actions import conf
from stripeflow.actions.base import Action, OutputField, Outputs, Preview, Repeat
from stripeflow.actions.builtin.mail_delivery import deliver
from stripeflow.actions.context import ActionContext
from stripeflow.actions.customer_mail import daily, unsubscribing
from stripeflow.actions.customer_mail.addresses import is_in
from stripeflow.actions.customer_mail.letter import button_url, compose
from stripeflow.actions.customer_mail.links import is_web_address
from stripeflow.actions.customer_mail.once import LONGEST, Taken, Turn
from stripeflow.actions.customer_mail.suppressing import suppression_of
from stripeflow.actions.errors import InvalidInput, PermanentError, Throttled, TransientError
from stripeflow.actions.inputs import AddressInput, ChoiceInput, IntegerInput, StringInput, TextInput
from stripeflow.actions.inputs.addresses import is_one_address
from stripeflow.actions.inputs.references import holds_reference, is_single_reference, split_at_references
from stripeflow.actions.models import MessageType
from stripeflow.actions.problems import Problem
from stripeflow.actions.wording import worded

SKIP = "skip"
DAYS = 7
# Why nothing was sent, in the output `reason`.
NO_ADDRESS, SUPPRESSED, ALREADY_SENT = "no_address", "suppressed", "already_sent"
TEST_MODE, NOT_A_TEST_ADDRESS = "test_mode", "not_a_test_address"
# Until another run has either sent its message or given its turn back.
_WAIT_SECONDS = 20.0


class EmailCustomer(Action):
    """Asks in this order: test mode, suppression list, once per address, the day's limit, the list again.

    What is taken before the call is given back if the call surely sent nothing, and kept where nobody knows.
    """

    key = "email.customer"
    label = _("E-mail a customer")
    description = _(
        "Send an e-mail to one customer. Heeds unsubscribes and bounces, and writes to an address at most "
        "once in a period."
    )
    category = _("Notifications")
    icon = "mail"
    repeat = Repeat.ASK
    moves_money = False
    destructive = False
    # It changes nothing at Stripe. But what is sent cannot be taken back, so it needs the same permission.
    changes_customers = True
    writes_to_customers = True
    inputs: ClassVar = (
        AddressInput(
            "to",
            label=_("To"),
            required=True,
            help_text=_("One e-mail address, mostly a reference such as {{ trigger.receipt_email }}."),
        ),
        StringInput("subject", label=_("Subject"), required=True, max_length=255, shortens=True),
        TextInput(
            "body",
            label=_("Text"),
            required=True,
            shortens=True,
            help_text=_(
                "A blank line begins a paragraph. Addresses that you type become links; a value of the "
                "event never does."
            ),
        ),
        StringInput("button_label", label=_("Button"), max_length=60, shortens=True),
        StringInput(
            "button_url",
            label=_("Button leads to"),
            max_length=2000,
            help_text=_(
                "An address with https. A reference alone, such as {{ trigger.hosted_invoice_url }}, may "
                "lead to Stripe, and to the hosts in the settings."
            ),
        ),
        ChoiceInput(
            "message_type",
            label=_("Type of message"),
            required=True,
            default=MessageType.MARKETING.value,
            choices=tuple(MessageType.choices),
            help_text=_(
                "People who have unsubscribed still get transactional messages, such as a receipt or a "
                "failed payment. Addresses that bounced or complained get neither."
            ),
        ),
        IntegerInput(
            "once_days",
            label=_("At most once per address (days)"),
            default=DAYS,
            minimum=0,
            maximum=LONGEST.days,
            references=False,
            help_text=_("A further one is not sent, and the run goes on. 0 sends each time."),
        ),
        StringInput(
            "purpose",
            label=_("Purpose"),
            max_length=150,
            advanced=True,
            help_text=_(
                "What counts as the same message. Empty: this step. Steps with the same purpose, also of "
                "other workflows, count together."
            ),
        ),
        ChoiceInput(
            "if_no_address",
            label=_("If there is no address"),
            advanced=True,
            choices=((SKIP, _("Send nothing, and go on")),),
            empty_label=_("Fail the step"),
        ),
        AddressInput(
            "reply_to",
            label=_("Answers go to"),
            advanced=True,
            help_text=_("Empty: the address in the settings, or the sender."),
        ),
    )
    outputs = Outputs(
        fields=(
            OutputField("sent", _("Sent"), "boolean"),
            OutputField("reason", _("Why it was not sent"), "string"),
            OutputField("explanation", _("Explanation"), "string"),
            OutputField("to", _("To"), "string"),
            OutputField("subject", _("Subject"), "string"),
            OutputField("message_id", _("Message ID"), "string"),
        )
    )

    def check_together(self, inputs: Mapping[str, Any]) -> list[Problem]:
        label, url = inputs.get("button_label"), inputs.get("button_url")
        if bool(label) != bool(url):
            missing = "button_url" if label else "button_label"
            message = _now("A button needs a label, and an address that it leads to.")
            return [Problem(missing, "button", message)]
        if isinstance(url, str) and url and (fault := _address_fault(url.strip())):
            return [Problem("button_url", "button", fault)]
        return []

    def check_current(self, inputs: Mapping[str, Any]) -> list[Problem]:
        found = super().check_current(inputs)
        if fault := sender_fault():
            found.append(Problem("to", "no_sender", fault))
        if inputs.get("message_type") != MessageType.TRANSACTIONAL and not unsubscribing.is_there():
            message = _now(
                "This site has no page to unsubscribe. Include “stripeflow.workflows.suppressions.urls” in "
                "its URLs, or choose a transactional message."
            )
            found.append(Problem("message_type", "no_unsubscribe_page", message))
        return found

    def clean(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        cleaned = super().clean(inputs)
        if cleaned["to"] is None and cleaned["if_no_address"] != SKIP:
            message = _now(
                "“%(label)s” has no e-mail address in this run. Choose another value, or let the step send "
                "nothing then."
            )
            raise InvalidInput("to", worded(message, names={"label": self.input("to").label}))
        return cleaned

    def run(self, inputs: Mapping[str, Any], context: ActionContext) -> dict:
        address = inputs["to"]
        if address is None:
            return _not_sent(inputs, NO_ADDRESS, _now("The customer has no e-mail address."))
        if held := _test_mode(address, context):
            return _not_sent(inputs, *held)
        if fault := sender_fault():
            raise PermanentError(worded(fault), code="no_sender")
        if stopped := _stopped(address, inputs["message_type"]):
            return _not_sent(inputs, SUPPRESSED, stopped)
        return self._send_once(inputs, context)

    def _send_once(self, inputs: Mapping[str, Any], context: ActionContext) -> dict:
        days = DAYS if inputs["once_days"] is None else inputs["once_days"]
        if not days:
            return self._send(inputs, context)
        turn = Turn.of(context, inputs["to"], inputs["purpose"] or "")
        taken = turn.take(timedelta(days=days))
        if taken is Taken.UNDER_WAY:
            message = _now("Another run is sending this message to the same address; this one waits for it.")
            raise Throttled(worded(message), code="mail_under_way", retry_after=_WAIT_SECONDS)
        if not taken.may_send:
            message = _now("The address got this message less than %(days)d days ago.")
            return _not_sent(inputs, ALREADY_SENT, message % {"days": days})
        try:
            answer = self._send(inputs, context)
        except (PermanentError, TransientError):
            if taken is Taken.NEW:
                turn.give_back()
            raise
        if answer["sent"]:
            turn.confirm()
        elif taken is Taken.NEW:
            turn.give_back()
        return answer

    def _send(self, inputs: Mapping[str, Any], context: ActionContext) -> dict:
        address, message_type = inputs["to"], inputs["message_type"]
        page = ""
        if message_type != MessageType.TRANSACTIONAL:
            page = unsubscribing.page_of(address, livemode=context.livemode)
        mail = compose(inputs, context, unsubscribe_url=page)
        _check_button(inputs, context)
        place = daily.take_place(livemode=context.livemode)
        try:
            is_sent = deliver(
                mail,
                [address],
                sender=conf.get("CUSTOMER_EMAIL_FROM"),
                reply_to=inputs["reply_to"] or conf.get("CUSTOMER_EMAIL_REPLY_TO"),
                may_send=lambda: not _stopped(address, message_type),
            )
        except (PermanentError, TransientError):
            place.give_back()
            raise
        if not is_sent:
            place.give_back()
            return _not_sent(inputs, SUPPRESSED, _stopped(address, message_type))
        return {
            "sent": True,
            "reason": "",
            "explanation": "",
            "to": address,
            "subject": mail.subject,
            "message_id": mail.message_id,
        }

    def preview(self, inputs: Mapping[str, Any], context: ActionContext) -> Preview:
        is_marketing = inputs.get("message_type") != MessageType.TRANSACTIONAL
        page = unsubscribing.page_of_preview() if is_marketing else ""
        mail = compose(inputs, context, unsubscribe_url=page, is_preview=True)
        address = str(inputs.get("to") or "").strip()
        return Preview(mail.subject, mail.text, mail.html, (address,) if is_one_address(address) else ())


def sender_fault() -> str:
    """Why customers cannot be written to in general, as a sentence, or ""."""
    sender = conf.get("CUSTOMER_EMAIL_FROM")
    if not sender:
        return _now(
            "No sender for e-mails to customers is set. Set CUSTOMER_EMAIL_FROM in the settings to an "
            "address of your own domain."
        )
    if not is_sender(sender):
        return _now("CUSTOMER_EMAIL_FROM in the settings is not one e-mail address.")
    return ""


def is_sender(text: str) -> bool:
    """Whether it is one address, with or without a name: “Shop <shop@example.com>”."""
    return text.isprintable() and is_one_address(parseaddr(text)[1]) and text.count("@") == 1


def _not_sent(inputs: Mapping[str, Any], reason: str, explanation: str) -> dict:
    return {
        "sent": False,
        "reason": reason,
        "explanation": explanation,
        "to": inputs["to"] or "",
        "subject": inputs["subject"],
        "message_id": "",
    }


def _test_mode(address: str, context: ActionContext) -> tuple[str, str] | None:
    """Why a run in test mode sends nothing: the reason, and a sentence. None if it sends."""
    if context.livemode:
        return None
    if not conf.get("CUSTOMER_EMAIL_IN_TEST_MODE"):
        return TEST_MODE, _now("Test mode: customers get no e-mail. CUSTOMER_EMAIL_IN_TEST_MODE is off.")
    if is_in(address, conf.get("CUSTOMER_EMAIL_TEST_ADDRESSES")):
        return None
    return NOT_A_TEST_ADDRESS, _now(
        "Test mode: only the addresses in CUSTOMER_EMAIL_TEST_ADDRESSES get an e-mail, and this one is not "
        "there."
    )


def _stopped(address: str, message_type: str) -> str:
    """Why the suppression list stops the message, as a sentence, or ""."""
    found = suppression_of(address, message_type)
    if found is None:
        return ""
    message = _now("The address is on the suppression list since %(day)s: %(reason)s.")
    return message % {"day": f"{found.created_at:%Y-%m-%d}", "reason": found.get_reason_display()}


def _check_button(inputs: Mapping[str, Any], context: ActionContext) -> None:
    """Refuse to send a message whose button would be missing: the customer could not do what it says."""
    if not inputs["button_label"] or button_url(inputs, context):
        return
    message = _now(
        "The button may not lead to %(url)s. It has to be an address with https whose host you have written, "
        "or one of CUSTOMER_EMAIL_LINK_HOSTS in the settings."
    )
    raise InvalidInput("button_url", worded(message, url=inputs["button_url"] or "“”"))


def _address_fault(raw: str) -> str:
    """What is wrong with the address of a button as it is written, as a sentence, or ""."""
    if is_single_reference(raw):
        return ""
    start = split_at_references(raw)[0]
    if not holds_reference(raw):
        return "" if is_web_address(raw) else _now("The button has to lead to an address with https.")
    if is_web_address(start) and "/" in start.removeprefix("https://"):
        return ""
    return _now("Write the beginning of the address yourself, with https, the host and a “/” behind it.")
