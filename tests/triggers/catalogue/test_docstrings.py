import pytest

from stripeflow.triggers.catalogue import docstrings


@pytest.mark.parametrize(
    ("doc", "text"),
    [
        ("A [Customer](https://docs.stripe.com/api/customers) of yours.", "A Customer of yours."),
        ("See [the guide](https://x.test/a_(b)) first.", "See the guide first."),
        ("Set to `true`.", "Set to true."),
        ("Two\n\n        lines.", "Two lines."),
        ("<p>Some <b>bold</b> &amp; more.</p>", "Some bold & more."),
        ("*Note: only on **new** events*.", "Note: only on new events."),
        ("If amount < 5 and total > 3.", "If amount < 5 and total > 3."),
        ("", ""),
    ],
)
def test_cleans_markup(doc, text):
    assert docstrings.clean(doc) == text


@pytest.mark.parametrize(
    ("doc", "values"),
    [
        ("The type of fraud. One of `card_never_received`, `misc`.", ("card_never_received", "misc")),
        ("Possible values are `a`, `b`, and `c`. The value `d` is old.", ("a", "b", "c")),
        ("Possible values include:`won`, `lost`, or `prevented`.", ("won", "lost", "prevented")),
        ("If set, possible values of are `safe` and `fraudulent`.", ("safe", "fraudulent")),
        ("One of `manual` (only via API call), `daily`, or `weekly`.", ("manual", "daily", "weekly")),
        ("One of the following: `a`, `b`.", ("a", "b")),
        ("Can be `American Express`, `Visa`, or `Unknown`.", ("American Express", "Visa", "Unknown")),
        ("Status of the payout: `paid`, `pending` or `failed`.", ("paid", "pending", "failed")),
        ("Possible values are `a`, `b`. Otherwise it will have the value `unknown`.", ("a", "b", "unknown")),
        ("For one, possible values are `a`. For others, possible values are `a` and `b`.", ("a", "b")),
        ("Only one of `expires_after` or `expires_at` may be set.", ()),
        ("Examples include: `redirect`, `use_sdk`.", ()),
        ("The ID, set if `type` is `card`.", ()),
        ("", ()),
    ],
)
def test_reads_the_values_that_a_docstring_lists(doc, values):
    assert docstrings.values(doc) == values


@pytest.mark.parametrize(
    ("doc", "answer"),
    [
        ("Measured in seconds since the Unix epoch.", True),
        ("The timestamp at which it expires.", True),
        ("The number of units.", False),
    ],
)
def test_tells_times(doc, answer):
    assert docstrings.speaks_of_time(doc) is answer


@pytest.mark.parametrize(
    ("doc", "answer"),
    [
        ("Amount in cents (or local equivalent).", True),
        ("In the [smallest currency unit](https://x.test).", True),
        ("The percent of each charge.", False),
        ("Recent events.", False),
    ],
)
def test_tells_minor_units(doc, answer):
    assert docstrings.speaks_of_minor_units(doc) is answer
