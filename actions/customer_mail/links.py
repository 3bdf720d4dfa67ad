"""Which addresses in a text for a customer become links: those that the author wrote, and no others.

A value of an event may hold anything: a customer who calls herself “Win at evil.example” would let us send
that link to others. So a link counts as the author's if the author wrote all of it, or its beginning with the
host and a “/”. Any other text that a mail program might turn into a link is broken by characters of no width.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from stripeflow.actions.inputs.references import is_single_reference, split_at_references

_SCHEME = r"(?:[a-z][a-z0-9+.-]{0,30}://|(?:mailto|tel|sms|callto|skype|javascript|data):)"
_HOST = r"(?:[^\W_](?:[\w-]{0,62})\.)+[^\W\d_]{2,63}"
_REST = r"[^\s<>\"“”„«»]*"
# With a scheme, with “www.”, or a bare host that is not the end of an e-mail address.
_LINKLIKE = re.compile(
    rf"(?:{_SCHEME}(?=\S)|www\.){_REST}|(?<![\w@.+-]){_HOST}(?![\w@-]){_REST}", re.IGNORECASE
)
_TRAILING = ".,;:!?)]}'’*_~"
# Of no width, and where a line may break: mail programs do not see a link across it.
BREAK = "\u200b"


@dataclass(frozen=True)
class Part:
    """A piece of a line. `url` is where it leads, or ""."""

    text: str
    url: str = ""


def parts_of(line: str, written: Iterable[str]) -> tuple[Part, ...]:
    """The pieces of a line. `written` are the texts that the author wrote, references in them unresolved."""
    known = tuple(_Written.all_of(written))
    return tuple(_parts(line, known))


def safe_address(url: str, raw: object, hosts: Iterable[str]) -> str:
    """The rendered address of a button, or "" if it may not be linked to.

    `raw` is what the author wrote. If that is one reference and nothing else, the value may lead only to one
    of `hosts`, or a host below them.
    """
    if not is_web_address(url):
        return ""
    if isinstance(raw, str) and raw.strip() and not is_single_reference(raw):
        return url if _is_authored(url, tuple(_Written.all_of([raw.strip()]))) else ""
    host = urlsplit(url).hostname or ""
    return url if any(host == one or host.endswith(f".{one}") for one in map(str.lower, hosts)) else ""


def is_web_address(url: str) -> bool:
    """Whether it is an address with https that hides nothing: no user name, no odd characters."""
    if not url.isascii() or not url.isprintable() or re.search(r"[\s<>\"\\^`{|}]", url):
        return False
    try:
        parts, port = urlsplit(url), urlsplit(url).port
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname) and "@" not in parts.netloc and port != 0


@dataclass(frozen=True)
class _Written:
    """An address in the author's own text; `is_open` if a reference follows at once."""

    text: str
    is_open: bool

    @classmethod
    def all_of(cls, texts: Iterable[str]) -> Iterator["_Written"]:
        for text in texts:
            literals = split_at_references(text)
            for number, literal in enumerate(literals):
                for found in _LINKLIKE.finditer(literal):
                    is_open = found.end() == len(literal) and number < len(literals) - 1
                    yield cls(found[0] if is_open else _bare(found[0]), is_open)

    def covers(self, url: str) -> bool:
        if not self.is_open:
            return url == self.text
        # A reference may follow the host only behind a “/”: else its value could make another host of it.
        after = self.text.partition("://")[2] or self.text
        return "/" in after and url.startswith(self.text)


def _parts(line: str, written: tuple[_Written, ...]) -> Iterator[Part]:
    end = 0
    for found in _LINKLIKE.finditer(line):
        text = _bare(found[0])
        if found.start() > end:
            yield Part(line[end : found.start()])
        end = found.start() + len(text)
        if not _is_authored(text, written):
            yield Part(_broken(text))
        else:
            yield Part(text, text if is_web_address(text) else "")
    if end < len(line):
        yield Part(line[end:])


def _is_authored(url: str, written: tuple[_Written, ...]) -> bool:
    return any(one.covers(url) for one in written)


def _bare(text: str) -> str:
    """Without the punctuation of the sentence that ends there."""
    return text.rstrip(_TRAILING)


def _broken(text: str) -> str:
    return re.sub(r"[.:@]", lambda found: found[0] + BREAK, text)
