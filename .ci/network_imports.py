"""Refuses imports of network modules outside the few places that are meant to have them."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("actions", "triggers", "workflows", "stripeflow_site")
NETWORK = frozenset(
    {
        "aiohttp",
        "ftplib",
        "http.client",
        "httpx",
        "imaplib",
        "poplib",
        "requests",
        "requests_hardened",
        "smtplib",
        "socket",
        "ssl",
        "telnetlib",
        "urllib.request",
        "urllib3",
        "websockets",
        "xmlrpc",
    }
)
# Path (a file, or a folder with a slash at the end) → the modules that it may import.
ALLOWED = {
    # Only for the names of the exceptions that Django's e-mail backend raises.
    "actions/builtin/mail_delivery.py": {"smtplib"},
    # The one door for requests to addresses that people type.
    "actions/outbound/": {"http.client", "requests", "requests_hardened", "socket", "ssl", "urllib3"},
    # The name of the host.
    "workflows/models/beat.py": {"socket"},
    "stripeflow_site/standin/": {"http.client", "socket"},
    "stripeflow_site/local/api.py": {"http.client"},
    "stripeflow_site/local/installation.py": {"socket"},
}


def violations(root: Path = ROOT) -> Iterator[str]:
    """A sentence for each import that is not allowed."""
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            name = path.relative_to(root).as_posix()
            for line, module in _imports(path.read_text(encoding="utf-8")):
                if module not in _allowed(name):
                    yield f"{name}:{line} imports {module}."


def _imports(source: str) -> Iterator[tuple[int, str]]:
    """Line and name of each network module that is imported anywhere in the source."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        else:
            continue
        yield from ((node.lineno, found) for found in sorted({_network(name) for name in names} - {""}))


def _network(name: str) -> str:
    parts = name.split(".")
    heads = (".".join(parts[:length]) for length in range(1, len(parts) + 1))
    return next((head for head in heads if head in NETWORK), "")


def _allowed(name: str) -> set[str]:
    return {
        module
        for place, modules in ALLOWED.items()
        if name == place or (place.endswith("/") and name.startswith(place))
        for module in modules
    }


if __name__ == "__main__":
    found = list(violations())
    sys.stdout.writelines(f"{sentence}\n" for sentence in found)
    sys.exit(1 if found else 0)
