"""Reads the e-mails that Django's file backend has written; standard library only."""

from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

SEPARATOR = b"\n" + b"-" * 79 + b"\n"


@dataclass(frozen=True)
class Mail:
    """One message: who gets it, what it says, and which step of which run has sent it."""

    to: tuple[str, ...]
    subject: str
    text: str
    run: str
    step: str
    message_id: str

    def row(self, label: str) -> str | None:
        """The value of the row “label: value” in the text, or None."""
        values = [line.partition(": ")[2] for line in self.text.splitlines() if line.startswith(f"{label}: ")]
        return values[0] if values else None


def mails_in(folder: Path) -> list[Mail]:
    """The messages that are written to their end, oldest first."""
    written: list[Mail] = []
    for file in sorted(folder.glob("*.log")):
        # The separator follows each message, so what comes after the last one is still being written.
        written += [_read(part) for part in file.read_bytes().split(SEPARATOR)[:-1]]
    return written


def _read(source: bytes) -> Mail:
    message = BytesParser(policy=policy.default).parsebytes(source)
    return Mail(
        to=tuple(address.strip() for address in str(message["To"]).split(",")),
        subject=str(message["Subject"]),
        text=_text(message),
        run=str(message["X-StripeFlow-Run"] or ""),
        step=str(message["X-StripeFlow-Step"] or ""),
        message_id=str(message["Message-ID"] or ""),
    )


def _text(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    return part.get_content() if part else ""
