"""Ids that look like Stripe's: a prefix and letters and digits that never repeat."""

import os
import string

ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
LENGTH = 24


def new_id(prefix: str) -> str:
    """A fresh id such as `ch_3kV…`; unique across restarts, since nothing of it is counted."""
    number = int.from_bytes(os.urandom(18), "big")
    letters = []
    for _ in range(LENGTH):
        number, rest = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[rest])
    return f"{prefix}_{''.join(letters)}"
