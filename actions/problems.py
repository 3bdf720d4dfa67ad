"""A problem found in the raw inputs of a step, before anything runs."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """`path` is dotted and starts with the input's name ("append.0.label"); `message` is a sentence."""

    path: str
    code: str
    message: str
