"""`python -m bench [name…] [--quick]`: measures, prints a table, and says whether the aims are met."""

import argparse
import json
import os
import platform
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from bench import stacks
from bench.figures import Figure, table
from bench.session import MEASURES, end_cleanly


def main() -> int:
    options = _options()
    end_cleanly()
    print(f"seed {options.seed}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.2f} at the start")
    results = {stack: _measured(stack, options) for stack in options.stack}
    for stack, result in results.items():
        print(table(f"{stacks.LABELS[stack]} ({result.get('database', 'not known')})", result["figures"]))
    _write(options.out, options, results)
    return _verdict(results)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=f"of {', '.join(MEASURES)}; all by default")
    parser.add_argument("--quick", action="store_true", help="tiny sizes: shows that the harness works")
    parser.add_argument("--rounds", type=int, default=5, help="interleaved rounds; 5 by default")
    parser.add_argument("--rows", type=int, default=10**6, help="most old rows in `growth`; 10⁶ by default")
    parser.add_argument("--stack", action="append", choices=stacks.NAMES, help="both by default")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--out", type=Path, default=Path("var/bench.json"))
    options = parser.parse_args()
    unknown = set(options.names) - set(MEASURES)
    if unknown:
        parser.error(f"There is no measure {', '.join(sorted(unknown))}.")
    options.names = options.names or list(MEASURES)
    options.stack = options.stack or list(stacks.NAMES)
    return options


def _measured(name: str, options: argparse.Namespace) -> dict[str, Any]:
    began = time.monotonic()
    with stacks.running(name) as stack:
        file = stack.folder / "result.json"
        command = [sys.executable, "-m", "bench.session", name, str(file), *options.names]
        command += ["--seed", str(options.seed), "--rounds", str(options.rounds), "--rows", str(options.rows)]
        command += ["--quick"] if options.quick else []
        code = _waited(command, stack.environment)
        found = json.loads(file.read_text()) if file.exists() else {"figures": [], "checked": []}
    figures = [Figure(**{key: row[key] for key in row if key != "is_met"}) for row in found["figures"]]
    return {**found, "figures": figures, "exit": code, "seconds": time.monotonic() - began}


def _waited(command: list[str], environment: dict[str, str]) -> int:
    session = subprocess.Popen(command, env=environment)
    try:
        return session.wait()
    finally:
        session.terminate()
        session.wait()


def _write(out: Path, options: argparse.Namespace, results: dict[str, dict[str, Any]]) -> None:
    document = {
        "seed": options.seed,
        "quick": options.quick,
        "rounds": options.rounds,
        "rows": options.rows,
        "names": options.names,
        "machine": f"{os.cpu_count()} cores, {platform.platform()}, Python {platform.python_version()}",
        "stacks": {
            stack: {**result, "figures": [figure.to_json() for figure in result["figures"]]}
            for stack, result in results.items()
        },
    }
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(document, indent=1))
    print(f"\nwritten to {out}")


def _verdict(results: dict[str, dict[str, Any]]) -> int:
    broken = [stack for stack, result in results.items() if result["exit"]]
    if broken:
        print(f"FAILED: the measures broke off on {', '.join(broken)}.")
        return 2
    aims = [
        (stack, figure) for stack, result in results.items() for figure in result["figures"] if figure.is_aim
    ]
    missed = [f"{stack}: {figure.measure}, {figure.name}" for stack, figure in aims if not figure.is_met]
    if missed:
        print(f"MISSED: {len(missed)} of {len(aims)} aims ({'; '.join(missed)}).")
        return 1
    print(f"MET: all {len(aims)} aims.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
