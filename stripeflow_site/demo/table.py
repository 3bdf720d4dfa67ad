"""The demo's table: what every workflow made of every event."""

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from typing import Any

from stripeflow_site.demo.cases import Sent
from stripeflow_site.local.api import Api
from stripeflow_site.local.mails import Mail

Document = dict[str, Any]

HEADINGS = ("Event", "Workflow", "Branch taken", "Steps", "Outcome", "Effect")
WIDTHS = (16, 18, 14, 25, 30, 19)
NOTHING = "–"
MARKS = {"succeeded": "✓", "failed": "✗"}


@dataclass(frozen=True)
class Row:
    """One line of the table; a cell may have several lines."""

    event: str
    workflow: str
    branch: str
    steps: str
    outcome: str
    effect: str


@dataclass(frozen=True)
class Effects:
    """What was done, to be found by the run that did it."""

    mails: Sequence[Mail]
    ledger: Sequence[Document]

    def of(self, run_id: str) -> list[str]:
        """A line for each effect of a run."""
        sent = [f"e-mail to {_names(mail)}" for mail in self.mails if mail.run == run_id]
        key = f"stripeflow:{run_id}:"
        made = [entry for entry in self.ledger if (entry["idempotency_key"] or "").startswith(key)]
        return sent + [_effect(entry) for entry in made]


def rows(api: Api, sent: Iterable[Sent], effects: Effects) -> list[Row]:
    """A row for each event and each workflow that listens to it."""
    return [
        _row(api, case, verdict, effects)
        for case in sent
        for verdict in api.get(f"events/{case.event_id}/why/")["verdicts"]
    ]


def draw(table: Iterable[Row]) -> str:
    """The table as text, with a line between two events."""
    rule = "+".join("-" * (width + 2) for width in WIDTHS)
    drawn = [_lines(HEADINGS)]
    last = ""
    for row in table:
        cells = astuple(row)
        again = row.event == last
        drawn += [_lines(("", *cells[1:]))] if again else [rule, _lines(cells)]
        last = row.event
    return "\n".join(drawn)


def _row(api: Api, case: Sent, verdict: Document, effects: Effects) -> Row:
    workflow = verdict["workflow"]["name"]
    if verdict["run"] is None:
        why = _first_reason(verdict["explanation"]) or verdict["message"]
        return Row(case.title, workflow, NOTHING, NOTHING, f"no run: {why}", NOTHING)
    run = api.get(f"runs/{verdict['run']}/")
    return Row(
        case.title,
        workflow,
        "\n".join(_branch(step) for step in run["steps"] if step["branch"]) or NOTHING,
        "\n".join(_step(step) for step in run["steps"] if not step["branch"]) or NOTHING,
        run["status"] + (f": {run['error']['message']}" if run["error"] else ""),
        "\n".join(effects.of(run["id"])) or NOTHING,
    )


def _branch(step: Document) -> str:
    return "All other cases" if step["branch"] == "otherwise" else "If these conditions are met"


def _step(step: Document) -> str:
    return f"{MARKS.get(step['status'], '?')} {step['name']}"


def _names(mail: Mail) -> str:
    return ", ".join(address.partition("@")[0] for address in mail.to)


def _first_reason(evaluation: Document | None) -> str:
    """The reason of the first test that was not met."""
    if not evaluation or evaluation["truth"] == "met":
        return ""
    below = [_first_reason(child) for child in evaluation.get("children") or ()]
    return next((reason for reason in below if reason), evaluation["reason"])


def _effect(entry: Document) -> str:
    data = entry["data"]
    if entry["effect"] == "refund.created":
        return f"refund of {data['amount'] / 100:,.2f} {data['currency'].upper()}"
    metadata = ", ".join(f"{key} = {value}" for key, value in data.get("metadata", {}).items())
    return f"{entry['effect']}: {metadata}"


def _lines(cells: Sequence[str]) -> str:
    wrapped = [
        [part for text in cell.split("\n") for part in textwrap.wrap(text, width) or [""]]
        for cell, width in zip(cells, WIDTHS, strict=True)
    ]
    height = max(len(cell) for cell in wrapped)
    filled = [cell + [""] * (height - len(cell)) for cell in wrapped]
    return "\n".join(
        "|".join(f" {text:{width}} " for text, width in zip(parts, WIDTHS, strict=True))
        for parts in zip(*filled, strict=True)
    )
