"""The append-only ledger: JSON lines on disk, one for each request seen and each effect made.

A line is written and flushed before the reply goes out, so a client that got a reply can read its effects.
"""

import json
import threading
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

RECENT_EFFECTS = 200


class Ledger:
    """Lines of `kind` request, effect, note; each has a `seq` that counts up and the real `time`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.recent: deque[dict[str, Any]] = deque(maxlen=RECENT_EFFECTS)
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._file = path.open("a", encoding="utf-8")
        with path.open("rb") as lines:
            self._seq = sum(1 for _ in lines)
        self._start = path.stat().st_size

    def write(self, kind: str, **entry: Any) -> None:  # noqa: ANN401 - any JSON value
        """Append one line and flush it."""
        with self._lock:
            self._seq += 1
            line = {"kind": kind, "seq": self._seq, "time": time.time(), **entry}
            packed = json.dumps(line, separators=(",", ":"))
            self._file.write(packed + "\n")
            self._file.flush()
            if kind == "effect":
                # Read back, since the objects in `entry` go on changing.
                self.recent.append(json.loads(packed))

    def forget(self) -> None:
        """Start afresh for readers: earlier lines stay on disk, but `entries()` no longer returns them."""
        self.write("note", note="reset")
        with self._lock:
            self._start = self.path.stat().st_size
            self.recent.clear()

    def entries(self, *, kind: str | None = None, after: int = 0) -> Iterator[dict[str, Any]]:
        """The lines since the last reset, of one kind if given, with a `seq` above `after`."""
        with self.path.open(encoding="utf-8") as lines:
            lines.seek(self._start)
            for line in lines:
                if not line.endswith("\n"):
                    return
                entry = json.loads(line)
                if entry["seq"] > after and kind in (None, entry["kind"]):
                    yield entry

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._file.close()
