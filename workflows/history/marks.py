"""The marks of a run on the canvas of its version."""

from collections.abc import Iterable, Iterator

from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from stripeflow.workflows.display.marking import Marks
from stripeflow.workflows.display.marks import Mark, Note
from stripeflow.workflows.display.values import Row
from stripeflow.workflows.history.page import NOT_REACHED, TO_COME, Card, RunPage, WayTaken

# A card has room for so many of its inputs.
_VALUES = 2
_WAYS: dict[str, Promise] = {
    "taken": _("Taken"),
    "not_taken": _("Not taken"),
    "not_needed": _("Not evaluated"),
    "open": _("Still to come"),
    "asked": _("To be chosen"),
}


def run_marks(page: RunPage) -> Marks:
    """What each card of the run's version did. Values are on it for people who may see them."""
    cards = list(_all(page.cards))
    is_over = page.run.state.is_final
    return Marks(
        trigger=Mark("met", _now("Started"), _object(page), anchor="trigger"),
        steps={card.key: _step(card) for card in cards},
        ways={(card.key, way.key): _way(card, way) for card in cards for way in card.ways},
        others=Mark(NOT_REACHED if is_over else TO_COME, _now("Not reached") if is_over else ""),
    )


def _all(cards: Iterable[Card]) -> Iterator[Card]:
    for card in cards:
        yield card
        for way in card.ways:
            yield from _all(way.cards)


def _step(card: Card) -> Mark:
    # That a branch succeeded says nothing: its branches tell which one was taken.
    label = "" if card.kind == "branch" and card.status == "succeeded" else card.status_label
    return Mark(
        card.status, label, tuple(_notes(card)), anchor=f"step-{card.key}", aside=_took(card) if label else ""
    )


def _took(card: Card) -> str:
    latest = card.latest
    if latest is None:
        return ""
    attempts = _now("%d attempts") % latest.attempts if latest.attempts > 1 else ""
    return " · ".join(filter(None, [latest.duration, attempts]))


def _notes(card: Card) -> Iterator[Note]:
    latest = card.latest
    if latest is None or card.kind != "action":
        return
    if latest.error:
        yield Note(latest.error.get("message", ""), tone=latest.status)
    for row in latest.inputs.rows[:_VALUES]:
        if text := _text(row):
            yield Note(text, row.label)


def _text(row: Row) -> str:
    return row.text if row.kind != "rows" else ", ".join(filter(None, map(_text, row.rows)))


def _way(card: Card, way: WayTaken) -> Mark:
    state = TO_COME if way.state in ("open", "asked") else way.state
    label = _now("Chosen by %s") % way.chosen_by if way.chosen_by else str(_WAYS[way.state])
    return Mark(state, label, anchor=f"step-{card.key}")


def _object(page: RunPage) -> tuple[Note, ...]:
    return (Note(page.run.object_id, page.trigger.object_label),) if page.run.object_id else ()
