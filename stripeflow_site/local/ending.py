"""Ends a foreground command tidily on Ctrl-C, on SIGTERM and when its terminal goes away."""

import signal
from types import FrameType


class Interrupted(BaseException):
    """The command was asked to end. Like KeyboardInterrupt, nothing on the way handles it."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.status = 128 + number


def raise_on_signals() -> None:
    """Turn SIGINT, SIGTERM and SIGHUP into `Interrupted`, once; later ones do not disturb the cleaning up."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        for other in _SIGNALS:
            signal.signal(other, signal.SIG_IGN)
        raise Interrupted(number)

    for number in _SIGNALS:
        signal.signal(number, interrupt)


_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
