"""What an event is called that is for one workflow only: its topic, and the workflow's id.

A definition is portable and knows no id. So a topic gets it where a workflow starts to listen, and where its
event is made.
"""

import re

_ADDRESSED = re.compile(r"(.+):[0-9]{1,19}")
# Of the longest address.
WIDTH = 20


def addressed(topic: str, addressee: int) -> str:
    """The topic with its addressee: “schedule:7”."""
    return f"{topic}:{addressee}"


def topic_of(called: str) -> str:
    """The topic without the addressee, if it has one."""
    found = _ADDRESSED.fullmatch(called)
    return found[1] if found else called
