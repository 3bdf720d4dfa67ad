"""How a text of Stripe's fits a column: cut where it is too long, and still not mistaken for another one.

A look-up of a long value cuts it the same way. The whole of it stands in the event's body.
"""

from hashlib import sha256

# Of the columns that hold Stripe's ids, types and versions.
WIDTH = 255
# Of the column that says where an event came from.
SOURCE_WIDTH = 16
# Of the topics of a trigger, by which an active workflow is found.
TOPIC_WIDTH = 100
_DIGEST_LENGTH = 32


def fitted(text: str) -> str:
    """Return `text` if it fits, else its beginning and, after “~”, a digest of the whole."""
    if len(text) <= WIDTH:
        return text
    digest = sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGEST_LENGTH]
    return f"{text[: WIDTH - _DIGEST_LENGTH - 1]}~{digest}"
