"""The human page: buttons that send sample events, and tables of the latest events and effects.

Plain HTML and forms; a few lines of JavaScript only refresh the tables.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from string import Template

from werkzeug.wrappers import Request, Response

from stripeflow_site.standin import control, money
from stripeflow_site.standin.control import ControlError
from stripeflow_site.standin.delivery import Delivery
from stripeflow_site.standin.store import Object
from stripeflow_site.standin.world import World

ASSETS = Path(__file__).resolve().parent / "assets"
STATIC = {"/page.css": "text/css", "/page.js": "text/javascript"}
SHOWN_EVENTS, SHOWN_EFFECTS = 25, 25
CURRENCIES = ("usd", "eur", "gbp", "jpy", "chf", "cad", "aud", "kwd")
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True)
class Card:
    """The samples of one workflow: `(sample of control.sample, label, note)`."""

    title: str
    text: str
    samples: tuple[tuple[str, str, str], ...]


CARDS = (
    Card(
        "Personalize orders",
        "A payment above USD 1,000 deserves a handwritten note.",
        (
            ("payment-usd-1000.00", "USD 1,000.00", "not above 1,000"),
            ("payment-usd-1000.01", "USD 1,000.01", "above 1,000"),
            ("payment-eur-5000", "EUR 5,000", "another currency"),
            ("payment-jpy-5000", "JPY 5,000", "no minor units"),
        ),
    ),
    Card(
        "Tag valuable customers",
        "A payment above USD 2,000 makes its customer a VIP.",
        (
            ("payment-usd-2000.01", "USD 2,000.01", "above 2,000"),
            ("guest-usd-2000.01", "USD 2,000.01", "a guest, no customer"),
        ),
    ),
    Card(
        "Fraud warnings",
        "A warning on a charge below USD 15 is refunded, others are looked into.",
        (
            ("warning-usd-14.99", "USD 14.99", "warning, below 15"),
            ("warning-usd-15.00", "USD 15.00", "warning, not below 15"),
        ),
    ),
)


def show(world: World, request: Request) -> Response:
    """The page, its tables alone, or one of its files."""
    if request.path in STATIC:
        text = (ASSETS / request.path[1:]).read_text(encoding="utf-8")
        return Response(text, headers=HEADERS, content_type=f"{STATIC[request.path]}; charset=utf-8")
    if request.path == "/tables":
        return _html(_tables(world))
    if request.path != "/":
        return _html("<!doctype html><title>Not found</title><p>There is no such page.</p>", 404)
    sent = world.store.anywhere("event", request.args.get("sent", ""))
    return _html(_page(world, notice=_sent(sent) if sent else ""))


def send(world: World, request: Request) -> Response:
    """Do what a button or the form asks for, and come back to the page."""
    try:
        event = _asked(world, request)
    except (ControlError, ValueError) as error:
        notice = f'<p class="notice bad" role="alert">{escape(str(error))}</p>'
        return _html(_page(world, notice=notice, amount=request.form.get("amount", "")), 400)
    return Response("", 303, headers=HEADERS | {"Location": f"/?sent={event['id']}"})


def _asked(world: World, request: Request) -> Object:
    if matched := re.fullmatch(r"/send/([a-z]+-[a-z]{3}-[0-9.]+)", request.path):
        return control.sample(world, matched[1])
    if matched := re.fullmatch(r"/deliver/(evt_\w+)", request.path):
        control.run(world, "POST", "deliver", {"event": matched[1]})
        return {"id": matched[1]}
    if request.path != "/payments":
        raise ControlError("There is no such button.")
    currency = request.form.get("currency", "usd")
    amount = money.minor(request.form.get("amount", ""), currency)
    paid = {"amount": amount, "currency": currency, "customer": request.form.get("customer") or None}
    return control.run(world, "POST", "payments", paid)["event"]


def _html(text: str, status: int = 200) -> Response:
    return Response(text, status, headers=HEADERS, content_type="text/html; charset=utf-8")


def _page(world: World, *, notice: str = "", amount: str = "") -> str:
    url = world.webhook.url
    return Template((ASSETS / "page.html").read_text(encoding="utf-8")).substitute(
        webhook=f"<code>{escape(url)}</code>" if url else "<strong>nowhere: no webhook URL is set</strong>",
        notice=notice,
        cards="".join(_card(card) for card in CARDS),
        currencies="".join(f'<option value="{code}">{code.upper()}</option>' for code in CURRENCIES),
        amount=escape(amount),
        tables=_tables(world),
    )


def _card(card: Card) -> str:
    buttons = "".join(
        f'<form method="post" action="/send/{name}"><button><strong>{label}</strong><span>{note}</span>'
        "</button></form>"
        for name, label, note in card.samples
    )
    return f'<div class="card"><h3>{card.title}</h3><p>{card.text}</p>{buttons}</div>'


def _sent(event: Object) -> str:
    type_, id = escape(event["type"]), escape(event["id"])
    return f'<p class="notice" role="status">Sent <code>{type_}</code> <code>{id}</code>.</p>'


def _tables(world: World) -> str:
    with world.lock:
        events = list(world.recent)[::-1][:SHOWN_EVENTS]
    effects = list(world.ledger.recent)[::-1][:SHOWN_EFFECTS]
    return _table(
        "Latest events",
        ("Time", "Event", "About", "Delivery", ""),
        [_event_row(event, world.deliveries.of_event(event["id"])) for event in events],
        empty="No events yet. Send a sample above.",
    ) + _table(
        "What was done",
        ("Time", "Effect", "Object", "By"),
        [_effect_row(effect) for effect in effects],
        empty="Nothing yet. Charges, customer updates and refunds appear here.",
    )


def _table(title: str, columns: tuple[str, ...], rows: list[tuple[str, ...]], *, empty: str) -> str:
    if not rows:
        return f'<h2>{title}</h2><div class="scroll"><p class="empty">{empty}</p></div>'
    head = "".join(f'<th scope="col">{column or "<span>&nbsp;</span>"}</th>' for column in columns)
    body = "".join(f"<tr>{_cells(columns, row)}</tr>" for row in rows)
    return (
        f'<h2>{title}</h2><div class="scroll"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _cells(columns: tuple[str, ...], row: tuple[str, ...]) -> str:
    return "".join(
        f'<td data-label="{label}"{" class=time" if label == "Time" else ""}><span>{cell}</span></td>'
        for label, cell in zip(columns, row, strict=True)
    )


def _event_row(event: Object, deliveries: list[Delivery]) -> tuple[str, ...]:
    id = escape(event["id"])
    again = f'<form method="post" action="/deliver/{id}"><button class="small">Deliver again</button></form>'
    what = f'<code>{escape(event["type"])}</code><span class="id">{id}</span>'
    return _clock(event["created"]), what, _about(event["data"]["object"]), _state(deliveries), again


def _effect_row(effect: Object) -> tuple[str, ...]:
    key = effect["idempotency_key"]
    by = "an API call" if effect["via"] == "api" else "this tool"
    by += f'<span class="id">{escape(key)}</span>' if key else ""
    return _clock(effect["clock"]), f"<code>{escape(effect['effect'])}</code>", _about(effect["data"]), by


def _about(obj: Object) -> str:
    """The amount, or what else tells the object apart, and its id."""
    parts = []
    if isinstance(obj.get("amount"), int) and isinstance(obj.get("currency"), str):
        parts.append(money.display(obj["amount"], obj["currency"]) + f" {obj['currency'].upper()}")
    if isinstance(obj.get("charge"), str):
        parts.append(f"charge {obj['charge']}")
    if isinstance(obj.get("metadata"), dict):
        parts += [f"{key} = {value}" for key, value in obj["metadata"].items()]
    shown = "<br>".join(escape(part) for part in parts)
    return f'{shown}<span class="id">{escape(str(obj.get("id", "")))}</span>'


def _state(deliveries: list[Delivery]) -> str:
    if not deliveries:
        return '<span class="state none">not sent</span>'
    last = deliveries[-1]
    tried = last.attempts[-1] if last.attempts else {}
    note = str(tried.get("http_status") or tried.get("error", ""))
    count = f" × {len(deliveries)}" if len(deliveries) > 1 else ""
    return (
        f'<span class="state {last.status}">{last.status}{count}</span><span class="id">{escape(note)}</span>'
    )


def _clock(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%H:%M:%S") + " UTC"
