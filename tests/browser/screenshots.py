"""`python -m tests.browser.screenshots [NAME …]`: pictures of every page of a live installation.

Each page at 1440 px, light, dark and in Japanese, and the main ones at 390 px, in docs/images.
"""

import argparse
import secrets
import sys
import tempfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from stripeflow_site.demo.cases import send_all
from stripeflow_site.local.ending import raise_on_signals
from stripeflow_site.local.installation import PASSWORD_VARIABLE, ROOT
from tests.browser.chromium import HEIGHT, WIDTH, chromium, opened
from tests.browser.editor import Editor
from tests.flows.installation import RECIPIENTS, House, next_second

IMAGES = ROOT / "docs" / "images"
NARROW = 390
COLOURS = 128
ORDERS, TAG = "Personalize orders", "Tag valuable customers"
FRAUD = "Take action based on fraud warnings"
PANEL = "[data-sf-piece]:not([hidden]) #sf-panel-title"
WORKFLOWS, TRIGGERS = "stripeflow_workflows", "stripeflow_triggers"


class Page(NamedTuple):
    """Where it is, below /admin/, with names of `Places` in braces; and what to click then, by CSS."""

    path: str
    click: tuple[str, ...] = ()
    is_main: bool = False


PAGES = {
    "index": Page(""),
    "workflows": Page(f"{WORKFLOWS}/workflow/", is_main=True),
    "workflow-new": Page(f"{WORKFLOWS}/workflow/add/"),
    "templates": Page(f"{WORKFLOWS}/workflow/templates/", is_main=True),
    "template": Page(f"{WORKFLOWS}/workflow/templates/fraud_warnings/"),
    "import": Page(f"{WORKFLOWS}/workflow/import/"),
    "workflow": Page(f"{WORKFLOWS}/workflow/{{tag}}/change/", is_main=True),
    "workflow-changed": Page(f"{WORKFLOWS}/workflow/{{changed}}/change/"),
    "trigger": Page(f"{WORKFLOWS}/workflow/{{tag}}/change/", (".sf-card-title a[href*='/trigger/']",), True),
    "step": Page(f"{WORKFLOWS}/workflow/{{orders}}/change/", (".sf-card-title a[href*='/step/']",), True),
    "branch": Page(f"{WORKFLOWS}/workflow/{{tag}}/change/", ("a[href*='/branch/']",)),
    "actions": Page(f"{WORKFLOWS}/workflow/{{orders}}/change/", ("a[href*='/step/add/']",)),
    "changes": Page(f"{WORKFLOWS}/workflow/{{changed}}/changes/"),
    "activate": Page(f"{WORKFLOWS}/workflow/{{changed}}/activate/"),
    "versions": Page(f"{WORKFLOWS}/workflowversion/?workflow__id__exact={{changed}}"),
    "test": Page(f"{WORKFLOWS}/workflow/{{fraud}}/test/?event={{warned}}", is_main=True),
    "backtest": Page(f"{WORKFLOWS}/workflow/{{fraud}}/backtest/?days=7"),
    "counts": Page(f"{WORKFLOWS}/workflow/{{fraud}}/counts/"),
    "refund-limits": Page(f"{WORKFLOWS}/workflow/{{fraud}}/refund-limits/"),
    "delete": Page(f"{WORKFLOWS}/workflow/{{draft}}/delete/"),
    "runs": Page(f"{WORKFLOWS}/run/", is_main=True),
    "run": Page(f"{WORKFLOWS}/run/{{run}}/change/", is_main=True),
    "why": Page(f"{WORKFLOWS}/run/why/{{paid}}/", is_main=True),
    "replay": Page(f"{WORKFLOWS}/run/replay/"),
    "events": Page(f"{TRIGGERS}/event/"),
    "event": Page(f"{TRIGGERS}/event/{{paid}}/change/"),
    "switch": Page(f"{WORKFLOWS}/switch/"),
    "tokens": Page(f"{WORKFLOWS}/apitoken/"),
    "token-new": Page(f"{WORKFLOWS}/apitoken/add/", is_main=True),
    "secrets": Page(f"{WORKFLOWS}/secret/"),
    "secret-new": Page(f"{WORKFLOWS}/secret/add/", is_main=True),
    "connections": Page(f"{WORKFLOWS}/connection/"),
    "connection-new": Page(f"{WORKFLOWS}/connection/add/", is_main=True),
    "audit": Page(f"{WORKFLOWS}/auditentry/?via__exact=api", is_main=True),
    "customer-email": Page(
        f"{WORKFLOWS}/workflow/{{written}}/change/",
        (".sf-card-title a[href*='/step/']", "button[name=_preview]", "#sf-preview-title"),
        True,
    ),
    "suppressions": Page("stripeflow_actions/suppression/", is_main=True),
    "unsubscribe": Page("../email/unsubscribe/{token}/", is_main=True),
}


SHOP = {
    "STRIPEFLOW_CUSTOMER_EMAIL_FROM": "Shop <billing@shop.example>",
    "STRIPEFLOW_CUSTOMER_EMAIL_COMPANY": "The Shop Ltd",
    "STRIPEFLOW_CUSTOMER_EMAIL_FOOTER": "1 Main Street, Dublin",
}
REMINDER = {
    "to": "{{ trigger.customer_email }}",
    "subject": "Your invoice {{ trigger.number }} is still open",
    "body": (
        'Hello {{ trigger.customer_name | default("there") }},\n\n'
        "we could not collect {{ trigger.amount_due | money }} yet. Please pay when it suits you."
    ),
    "button_label": "Pay now",
    "button_url": "{{ trigger.hosted_invoice_url }}",
    "message_type": "marketing",
    "once_days": 7,
}
TOKEN = (
    "from stripeflow.actions.customer_mail.unsubscribing import token_of; print(token_of('jane@example.com'))"
)


@dataclass(frozen=True)
class Look:
    """One kind of picture: what is added to its name, and how the browser is set up."""

    suffix: str
    width: int = WIDTH
    scheme: str = "light"
    locale: str = "en-US"

    def wants(self, page):
        return self.width == WIDTH or page.is_main


LOOKS = (
    Look(""),
    Look("-dark", scheme="dark"),
    Look("-ja", locale="ja"),
    Look("-390", width=NARROW),
)


def main(arguments=None):
    """Take the pictures; returns the exit status."""
    options = _options(arguments)
    raise_on_signals()
    options.folder.mkdir(parents=True, exist_ok=True)
    password = secrets.token_urlsafe()
    with (
        tempfile.TemporaryDirectory() as folder,
        House.build(Path(folder), variables={PASSWORD_VARIABLE: password, **SHOP}) as house,
        chromium() as browser,
    ):
        house.seed("--workflows")
        next_second()
        places = _fill(house)
        session = _signed_in(browser, house, password)
        for look in LOOKS:
            _take(browser, house, session, places, look=look, options=options)
    return 0


def _options(arguments):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="of a page; without any all are taken")
    parser.add_argument("--folder", type=Path, default=IMAGES)
    options = parser.parse_args(arguments)
    if unknown := [name for name in options.names if name not in PAGES]:
        parser.error(f"No page is called {', '.join(unknown)}; there are {', '.join(PAGES)}.")
    return options


def _fill(house):
    """Send the demo's events and change a copy; returns what the paths of the pages are filled with."""
    workflows = {one["name"]: one["id"] for one in house.api.results("workflows/")}
    changed = _changed_copy(house)
    sent = send_all(house.standin)
    house.wait_for_event(sent[-1].event_id)
    house.wait_for_end()
    # Let the last one be of a customer, whom the workflow tags.
    house.pay(250_000)
    house.wait_for_end()
    warned = next(one.event_id for one in sent if one.title == "Fraud warning on USD 14.99")
    paid = next(one.event_id for one in sent if one.event_id != warned)
    return {
        "orders": workflows[ORDERS],
        "tag": workflows[TAG],
        "fraud": workflows[FRAUD],
        "changed": changed,
        "draft": house.api.post(
            "templates/tag_customers/workflows/", {"parameters": {"recipients": RECIPIENTS}}
        )["id"],
        "warned": warned,
        "paid": house.api.event(paid)["id"],
        "written": _reminder(house),
        "token": _suppressed(house),
        "run": house.runs(warned, workflows[FRAUD])[0]["id"],
    }


def _reminder(house):
    """A workflow that writes to customers; returns its id."""
    step = {"key": "remind", "type": "action", "name": "Remind the customer", "action": "email.customer"}
    document = {
        "format": 1,
        "name": "Remind of open invoices",
        "trigger": {"type": "stripe_event", "event_type": "invoice.payment_failed"},
        "steps": [{**step, "on_error": "stop", "inputs": REMINDER}],
    }
    return house.api.post("workflows/", document)["id"]


def _suppressed(house):
    """Fill the suppression list; returns what stands for a customer in a link."""
    for address, reason, note in (
        ("old.account@example.com", "bounce", "550 mailbox unavailable"),
        ("lee@example.org", "unsubscribe", ""),
        ("no.more@example.net", "complaint", "Reported by the provider"),
        ("legal@example.com", "manual", "Ticket 812"),
    ):
        house.manage("stripeflow_suppressions", "add", address, "--reason", reason, "--note", note)
    return house.manage("shell", "--no-imports", "-v0", "-c", TOKEN).strip().splitlines()[-1]


def _changed_copy(house):
    """A workflow that is active, and has been changed since; returns its id."""
    pk = house.activate_template("tag_customers")
    document = house.api.get(f"workflows/{pk}/")["definition"]
    document["name"] = "Tag customers (silver)"
    [branch] = [step for step in document["steps"] if step["type"] == "branch"]
    branch["branches"][0]["steps"][0]["inputs"]["metadata"] = [{"key": "Tier", "value": "Silver"}]
    house.api.replace(f"workflows/{pk}/", document)
    return pk


def _signed_in(browser, house, password):
    """Cookies of somebody who has signed in, on the English page."""
    with opened(browser) as page:
        Editor(page, house.url).sign_in(password)
        return page.context.storage_state()


def _take(browser, house, session, places, *, look, options):
    size = {"width": look.width, "height": HEIGHT}
    setup = {"viewport": size, "color_scheme": look.scheme, "locale": look.locale, "storage_state": session}
    with opened(browser, **setup) as page:
        for name, one in PAGES.items():
            if look.wants(one) and (not options.names or name in options.names):
                page.set_viewport_size(size)
                _open(page, f"{house.url}/admin/{one.path.format(**places)}", one.click)
                _save(page, options.folder / f"{name}{look.suffix}.png")


def _open(page, url, clicks):
    page.goto(url, wait_until="networkidle")
    _close_sidebar(page)
    for selector in clicks:
        page.locator(selector).first.click()
        page.locator(PANEL).wait_for()
        page.wait_for_load_state("networkidle")


def _save(page, path):
    """The picture, with as many colours as such pages need: it takes a third of the space."""
    _fit_height(page)
    taken = Image.open(BytesIO(page.screenshot(full_page=True))).convert("RGB")
    taken.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


def _close_sidebar(page):
    """Close the admin's list of models; narrow pages have none, and closed it stays so."""
    toggle, sidebar = page.locator("#toggle-nav-sidebar"), page.locator("#nav-sidebar")
    if toggle.is_visible() and sidebar.is_visible():
        toggle.click()
        sidebar.wait_for(state="hidden")


def _fit_height(page):
    """As high as the page, so that what sticks to the window reaches down to its end."""
    width = page.viewport_size["width"]
    bottom = page.locator("#content, body > main").first.evaluate(
        "content => content.getBoundingClientRect().bottom + scrollY"
    )
    page.set_viewport_size({"width": width, "height": max(HEIGHT // 2, round(bottom))})


if __name__ == "__main__":
    sys.exit(main())
