"""What a measure finds, and what the issue aims at."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any


@dataclass(frozen=True)
class Figure:
    """One measured value: the median of its rounds. With `least` or `most` it is an aim.

    `note` tells what was seen beside it.
    """

    measure: str
    name: str
    value: float
    unit: str
    rounds: tuple[float, ...] = ()
    least: float | None = None
    most: float | None = None
    note: str = ""

    @property
    def is_met(self) -> bool:
        return (self.least is None or self.value >= self.least) and (
            self.most is None or self.value <= self.most
        )

    @property
    def is_aim(self) -> bool:
        return self.least is not None or self.most is not None

    @property
    def aim(self) -> str:
        if self.least is not None:
            return f"≥ {self.least:g}"
        return f"≤ {self.most:g}" if self.most is not None else ""

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "is_met": self.is_met}


def of(
    measure: str,
    name: str,
    rounds: Sequence[float],
    unit: str,
    *,
    least: float | None = None,
    most: float | None = None,
) -> Figure:
    """The figure of several rounds: their median."""
    return Figure(measure, name, median(rounds), unit, tuple(rounds), least, most)


def ratio(
    measure: str,
    name: str,
    ours: Sequence[float],
    theirs: Sequence[float],
    *,
    least: float | None = None,
) -> Figure:
    """The figure of how ours compares, round by round, with what was measured beside it."""
    rounds = [one / other for one, other in zip(ours, theirs, strict=True)]
    return of(measure, name, rounds, "×", least=least)


def table(stack: str, figures: Sequence[Figure]) -> str:
    """The figures as lines of text."""
    lines = [f"\n{stack}", f"{'measure':<12} {'figure':<58} {'value':>10} {'unit':<9} {'aim':>8}  met"]
    for figure in figures:
        met = ("yes" if figure.is_met else "NO") if figure.is_aim else ""
        lines.append(
            f"{figure.measure:<12} {figure.name:<58} {figure.value:>10.3f} {figure.unit:<9} "
            f"{figure.aim:>8}  {met:<4} {figure.note}".rstrip()
        )
    return "\n".join(lines)
