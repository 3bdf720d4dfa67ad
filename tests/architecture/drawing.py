"""The plan in docs/architecture.md: `python -m tests.architecture.drawing`.

Draws the rooms of `workflows` on floors, from the imports alone: a room stands above all that it imports.
Arrows that follow from others are left out.
"""

import ast
import re
from collections.abc import Iterable, Mapping
from html import escape
from pathlib import Path

import grimp

from stripeflow.workflows.references.documentation import section, table, write_section
from stripeflow_site.local.installation import ROOT

PAGE = ROOT / "docs" / "architecture.md"
PICTURE = ROOT / "docs" / "images" / "architecture.svg"
PACKAGE = "stripeflow.workflows"
# Rooms that hold rooms of their own.
HOUSES = frozenset({"admin"})
# They look at all others, or are looked at by none: drawing them would say nothing.
BESIDE = frozenset({"migrations", "management", "apps", "tasks", "conf", "signals"})

Rooms = Mapping[str, frozenset[str]]

WIDTH, HEIGHT, GAP_X, GAP_Y, MARGIN = 148, 34, 18, 46, 20
STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #1a1b25; text-anchor: middle; }
  rect { fill: #f6f8fa; stroke: #8792a2; rx: 6; }
  path { fill: none; stroke: #8792a2; stroke-opacity: .55; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6e8eb; } rect { fill: #20242b; stroke: #687385; } path { stroke: #a3acba; }
  }
"""


def rooms() -> Rooms:
    """Each room of `workflows`, with the rooms that it imports."""
    graph = grimp.build_graph(PACKAGE, cache_dir=None)
    found: dict[str, set[str]] = {}
    for module in graph.modules:
        if (room := room_of(module)) is None:
            continue
        others = map(room_of, graph.find_modules_directly_imported_by(module))
        found.setdefault(room, set()).update(one for one in others if one not in (None, room))
    return {room: frozenset(others) for room, others in found.items()}


def room_of(module: str) -> str | None:
    """The room that a module stands in; None for what is not drawn."""
    parts = module.removeprefix(f"{PACKAGE}.").split(".")
    if module == PACKAGE or not module.startswith(f"{PACKAGE}.") or parts[0] in BESIDE:
        return None
    if parts[0] in HOUSES and len(parts) > 1 and (_folder(parts[:2]) / "__init__.py").exists():
        return ".".join(parts[:2])
    return parts[0]


def floors(plan: Rooms) -> list[list[str]]:
    """The rooms by floor, the ground first. Raises ValueError where rooms import each other in a circle."""
    left, placed, found = dict(plan), set(), []
    while left:
        floor = sorted(room for room, others in left.items() if others <= placed)
        if not floor:
            raise ValueError(f"These import each other: {', '.join(sorted(left))}.")
        found.append(floor)
        placed.update(floor)
        for room in floor:
            del left[room]
    return found


def arrows(plan: Rooms) -> list[tuple[str, str]]:
    """The imports between rooms, without those that follow from others."""
    reach: dict[str, frozenset[str]] = {}
    for floor in floors(plan):
        for room in floor:
            reach[room] = plan[room].union(*(reach[one] for one in plan[room]))
    return [
        (room, one)
        for room in sorted(plan)
        for one in sorted(plan[room])
        if not any(one in reach[other] for other in plan[room] - {one})
    ]


def picture() -> str:
    """The plan as SVG, the ground floor at the bottom."""
    plan = rooms()
    stacked = list(reversed(_by_neighbours(floors(plan), plan)))
    most = max(map(len, stacked))
    width = 2 * MARGIN + most * (WIDTH + GAP_X) - GAP_X
    height = 2 * MARGIN + len(stacked) * (HEIGHT + GAP_Y) - GAP_Y
    places = {
        room: (width / 2 + (column - (len(floor) - 1) / 2) * (WIDTH + GAP_X), MARGIN + row * (HEIGHT + GAP_Y))
        for row, floor in enumerate(stacked)
        for column, room in enumerate(floor)
    }
    lines = [_arrow(places[a], places[b]) for a, b in arrows(plan)]
    boxes = [_box(room, *place) for room, place in places.items()]
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" role="img">'
    title = "<title>The rooms of workflows: each stands above all that it imports</title>"
    return "\n".join([head, title, f"<style>{STYLE}</style>", *lines, *boxes, "</svg>", ""])


def room_table() -> str:
    """Every room by floor, the top first, with what it is for: the first sentence of its own words."""
    rows = (
        (len(stack) - number, f"`{room.replace('.', '/')}`", purpose(room))
        for stack in [floors(rooms())]
        for number, floor in enumerate(reversed(stack))
        for room in floor
    )
    return table(("Floor", "Room", "What happens there"), rows)


def purpose(room: str) -> str:
    """The first sentence of a room's docstring."""
    folder = _folder(room.split("."))
    source = folder / "__init__.py" if folder.is_dir() else folder.with_suffix(".py")
    said = ast.get_docstring(ast.parse(source.read_text(encoding="utf-8"))) or ""
    first = re.split(r"(?<=[.!?])\s|\n\n", said, maxsplit=1)[0]
    return first.replace("\n", " ").replace("|", r"\|")


def is_fresh() -> bool:
    """Whether picture and table say what the imports say now."""
    page = PAGE.read_text(encoding="utf-8")
    return PICTURE.read_text(encoding="utf-8") == picture() and section(page, "rooms") == room_table()


def write() -> None:
    """Draw and write both again."""
    PICTURE.write_text(picture(), encoding="utf-8")
    write_section(PAGE, "rooms", room_table())


def _folder(parts: Iterable[str]) -> Path:
    return ROOT.joinpath("workflows", *parts)


def _by_neighbours(stack: list[list[str]], plan: Rooms) -> list[list[str]]:
    """Each floor in the order of what its rooms import, so that few arrows cross."""
    middle: dict[str, float] = {}
    ordered = []
    for floor in stack:
        for room in floor:
            below = [middle[one] for one in plan[room]]
            middle[room] = sum(below) / len(below) if below else 0.0
        line = sorted(floor, key=lambda room: (middle[room], room))
        for column, room in enumerate(line):
            middle[room] = column - (len(line) - 1) / 2
        ordered.append(line)
    return ordered


def _arrow(above: tuple[float, float], below: tuple[float, float]) -> str:
    (x1, y1), (x2, y2) = (above[0], above[1] + HEIGHT), below
    half = (y1 + y2) / 2
    return f'<path d="M{x1:.0f} {y1:.0f}C{x1:.0f} {half:.0f} {x2:.0f} {half:.0f} {x2:.0f} {y2:.0f}"/>'


def _box(room: str, x: float, y: float) -> str:
    name = escape(room.replace(".", "/"))
    return (
        f'<rect x="{x - WIDTH / 2:.0f}" y="{y:.0f}" width="{WIDTH}" height="{HEIGHT}"/>'
        f'<text x="{x:.0f}" y="{y + HEIGHT / 2 + 4:.0f}">{name}</text>'
    )


if __name__ == "__main__":
    write()
