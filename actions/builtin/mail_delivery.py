"""Hands a message to the mail server, and reports what is known about it afterwards.

Before the connection is open nothing was handed over, so an error there may be retried. After that, a
refusal by the server is a certain failure, and a connection that breaks leaves the outcome unknown.
"""

import logging
import smtplib
from collections.abc import Callable

from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.utils.translation import gettext as _

from stripeflow.actions.builtin.mail_message import Mail
from stripeflow.actions.errors import ActionError, PermanentError, TransientError, UnknownOutcome
from stripeflow.actions.wording import worded

logger = logging.getLogger(__name__)


def deliver(
    mail: Mail,
    recipients: list[str],
    *,
    sender: str | None = None,
    reply_to: str = "",
    may_send: Callable[[], bool] = lambda: True,
) -> bool:
    """Send one message to all recipients. Raises a subclass of ActionError.

    Where the server takes some recipients and refuses others, the message counts as sent. `may_send` is asked
    at the last moment, once the connection is open; if it says no, nothing is sent, and False is returned.
    """
    connection = get_connection(fail_silently=False)
    message = _message(mail, recipients, connection, sender, reply_to)
    _open(connection)
    try:
        if not may_send():
            return False
        sent = _send(connection, message)
    finally:
        _close(connection)
    if not sent:
        problem = worded(_("The mail server did not confirm the message."))
        raise UnknownOutcome(problem, code="mail_unconfirmed")
    return True


def _message(
    mail: Mail, recipients: list[str], connection: BaseEmailBackend, sender: str | None, reply_to: str
) -> EmailMultiAlternatives:
    message = EmailMultiAlternatives(
        mail.subject,
        mail.text,
        from_email=sender,
        to=recipients,
        reply_to=[reply_to] if reply_to else None,
        headers=mail.headers,
        connection=connection,
    )
    message.attach_alternative(mail.html, "text/html")
    try:
        # Built before the connection is open: what cannot be encoded is surely not sent.
        message.message()
    except ValueError as error:
        text = worded(_("The message cannot be put into an e-mail."))
        raise PermanentError(text, code="mail_invalid") from error
    return message


def _open(connection: BaseEmailBackend) -> None:
    try:
        connection.open()
    except smtplib.SMTPAuthenticationError as error:
        raise _refusal(_("The mail server refused the login."), "mail_login", error.smtp_code) from error
    except (smtplib.SMTPException, OSError) as error:
        message = _("The mail server could not be reached.")
        raise TransientError(worded(message), code="mail_unreachable", details=_named(error)) from error


def _send(connection: BaseEmailBackend, message: EmailMultiAlternatives) -> int:
    try:
        return connection.send_messages([message])
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _reply in error.recipients.values()]
        raise _refusal(
            _("The mail server refused every recipient."), "mail_recipients", min(codes)
        ) from error
    except smtplib.SMTPResponseException as error:
        raise _refusal(_("The mail server refused the message."), "mail_refused", error.smtp_code) from error
    except (smtplib.SMTPException, OSError) as error:
        text = _("The connection to the mail server broke; the message may have been sent.")
        raise UnknownOutcome(worded(text), code="mail_connection_lost", details=_named(error)) from error


def _close(connection: BaseEmailBackend) -> None:
    try:
        connection.close()
    except (smtplib.SMTPException, OSError):
        # What happened to the message is settled by now.
        logger.warning("actions.mail.close_failed", exc_info=True)


def _refusal(message: str, code: str, status: int) -> ActionError:
    """Return the error for a refusal by the server: 4xx may pass later, 5xx will not (RFC 5321)."""
    kind = TransientError if 400 <= status < 500 else PermanentError
    return kind(worded(message), code=code, details={"status": status})


def _named(error: Exception) -> dict[str, str]:
    return {"error": type(error).__name__}
