"""The examples of docs/api.md, pasted into one bash, in order, as a reader would."""

import json
import re
import subprocess
from dataclasses import dataclass, field

FENCES = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
END = "--- end of example: "


@dataclass
class Example:
    """One block of commands, and what the guide prints behind it."""

    commands: str
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: object = None

    def print(self, kind, text):
        if kind == "http":
            first, *headers = text.strip().splitlines()
            self.status = int(first.split()[1])
            self.headers = dict(line.split(": ", 1) for line in headers)
        elif kind == "json":
            self.body = json.loads(text)

    @property
    def has_output(self):
        return self.status is not None or self.body is not None


def examples_of(guide):
    """The blocks that a shell can run. What stands behind a call is its answer."""
    found = []
    for kind, text in FENCES.findall(guide):
        if kind == "sh":
            found.append(Example(text))
        elif found and found[-1].commands.startswith("curl "):
            found[-1].print(kind, text)
    return found


class Shell:
    """One bash that keeps its variables. An unset one is an error."""

    def __init__(self, folder, environment):
        self.log = (folder / "stderr").open("w+")
        self.process = subprocess.Popen(
            ["bash", "--noprofile", "--norc", "-u"],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
        )

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.process.stdin.close()
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.log.close()

    def run(self, commands):
        """What the commands print, once they have ended well."""
        self.process.stdin.write(f"{commands}\nprintf '\\n{END}%d\\n' $?\n")
        self.process.stdin.flush()
        printed = []
        for line in self.process.stdout:
            if line.startswith(END):
                assert line.removeprefix(END).strip() == "0", (commands, self.errors())
                return "".join(printed).removesuffix("\n")
            printed.append(line)
        raise AssertionError(f"The shell ended at:\n{commands}\n{self.errors()}")

    def errors(self):
        self.log.seek(0)
        return self.log.read()[-2000:]


def differences(example, printed):
    """What the guide says and the answer does not, as texts."""
    head, _gap, rest = printed.partition("\n\n") if example.status else ("", "", printed)
    lines = head.splitlines()
    if example.status and f" {example.status} " not in f"{lines[0]} ":
        yield f"{lines[0]} instead of {example.status}"
    headers = dict(line.split(": ", 1) for line in lines[1:])
    for name, value in example.headers.items():
        if not _is_like(headers.get(name), value):
            yield f"{name}: {headers.get(name)} instead of {value}"
    if example.body is not None:
        yield from _missing(json.loads(rest), example.body, "")


def _missing(actual, expected, path):
    if isinstance(expected, dict):
        for key, value in expected.items():
            if not isinstance(actual, dict) or key not in actual:
                yield f"{path}/{key} is missing in {actual}"
            else:
                yield from _missing(actual[key], value, f"{path}/{key}")
    elif isinstance(expected, list) and expected:
        for number, value in enumerate(expected):
            if not isinstance(actual, list) or len(actual) <= number:
                yield f"{path}/{number} is missing in {actual}"
            else:
                yield from _missing(actual[number], value, f"{path}/{number}")
    elif not _is_like(actual, expected):
        yield f"{path} is {actual!r} instead of {expected!r}"


def _is_like(actual, expected):
    """Whether they are the same; “…” stands for anything."""
    if not isinstance(expected, str) or "…" not in expected:
        return actual == expected
    pattern = ".+".join(map(re.escape, expected.split("…")))
    return isinstance(actual, str) and re.fullmatch(pattern, actual) is not None
