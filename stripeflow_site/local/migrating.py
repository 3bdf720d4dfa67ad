"""Creates the tables and says how far it is: the first time, dj-stripe's migrations take their time."""

import sys
import threading
import time

from stripeflow_site.local.installation import Installation

SAY_AFTER_SECONDS = 10.0


def migrate(installation: Installation) -> None:
    """Run all migrations that are missing, or copy what they made elsewhere. Raises `CommandFailed`."""
    progress = _Progress()
    try:
        installation.manage("stripeflow_tables", "--no-color", on_line=progress.line)
    finally:
        progress.end()


class _Progress:
    """Counts the migrations, and now and then says that one still runs."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._count = 0
        self._is_copy = False
        self._ended = threading.Event()
        self._ticker = threading.Thread(target=self._tick, daemon=True)
        self._ticker.start()

    def line(self, line: str) -> None:
        if line.strip().startswith("Applying"):
            self._count += 1
        self._is_copy = self._is_copy or line.startswith("Copied ")

    def end(self) -> None:
        self._ended.set()
        self._ticker.join()
        what = "a copy" if self._is_copy and not self._count else f"{self._count} migrations"
        say(f"  {what} in {self._seconds():.0f} s")

    def _tick(self) -> None:
        while not self._ended.wait(SAY_AFTER_SECONDS):
            say(f"  {self._count} migrations after {self._seconds():.0f} s, still going …")

    def _seconds(self) -> float:
        return time.monotonic() - self._began


def say(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
