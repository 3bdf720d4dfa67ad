"""How each chat is written to: values are read as text, never as markup, and limits are kept."""

import json
import re

import pytest

from stripeflow.actions import registry
from stripeflow.actions.chat import discord
from stripeflow.actions.chat.message import compose

KEYS = ("slack.post", "teams.post", "discord.post")
HOSTILE = (
    "<!channel> <@U1> @everyone *bold* _it_ `code` ~no~ ||hid|| [pay](https://evil.example) "
    "<https://evil.example|pay> # head > quote <at>Ann</at> **x** \\ & :fire:"
)


def inputs(**changes):
    rows = [{"label": "Customer", "value": "cus_1"}, {"label": "Amount", "value": "120.00 USD"}]
    return {
        "title": "New order",
        "text": "Pack it.\nToday.",
        "append": rows,
        "object": "pi_1AbCdEf",
        **changes,
    }


def written(key, context, **changes):
    return registry.get(key).written(compose(inputs(**changes), context))


@pytest.mark.parametrize("key", KEYS)
def test_a_message_holds_title_text_values_and_links(key, make_context, settings):
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "BASE_URL": "https://shop.example"}
    body = written(key, make_context(run_url="/runs/1/"))
    text = json.dumps(body, ensure_ascii=False).replace("\\\\", "").replace("\\", "")
    for part in ("New order", "Pack it.", "Customer", "cus_1", "120.00 USD", "Fraud warnings"):
        assert part in text
    assert "https://shop.example/runs/1/" in text
    assert "https://dashboard.stripe.com/test/payments/pi_1AbCdEf" in text


@pytest.mark.parametrize("object_id", ["", None, "https://evil.example", "pi_1/../../x"])
@pytest.mark.parametrize("key", KEYS)
def test_only_a_stripe_id_becomes_a_link(key, context, object_id):
    assert "evil" not in json.dumps(written(key, context, object=object_id))
    assert "dashboard" not in json.dumps(written(key, context, object=object_id))


def test_slack_reads_no_markup_in_values(context):
    rows = [{"label": HOSTILE, "value": HOSTILE}]
    body = written("slack.post", context, title=HOSTILE, text=HOSTILE, append=rows)
    assert "<" not in body["text"]
    assert "mrkdwn" not in json.dumps(body)
    kinds = {
        element["type"]
        for block in body["blocks"][1:-1]
        for one in block["elements"]
        for element in one["elements"]
    }
    assert kinds == {"text", "link"}


def test_teams_reads_no_markdown_in_values(context):
    rows = [{"label": HOSTILE, "value": HOSTILE}]
    body = written("teams.post", context, title=HOSTILE, text=HOSTILE, append=rows)
    card = body["attachments"][0]["content"]
    assert {block["type"] for block in card["body"]} == {"RichTextBlock"}
    assert {run["type"] for block in card["body"] for run in block["inlines"]} == {"TextRun"}
    assert "entities" not in card["msteams"]


def test_discord_reads_no_markup_in_values(context):
    rows = [{"label": HOSTILE, "value": HOSTILE}]
    body = written("discord.post", context, title=HOSTILE, text=HOSTILE, append=rows)
    assert body["allowed_mentions"] == {"parse": []}
    embed = body["embeds"][0]
    values = re.sub(r"https?://[^\s<>\[\]()\\]+", "", embed["title"] + embed["description"])
    ours = values.replace("**", "")
    unescaped = re.sub(r"\\.", "", ours)
    assert not re.search(r"[*_~`|<>\[\]()#@]", unescaped)


@pytest.mark.parametrize("unit", ["x", "*", "*a ", "語"])
@pytest.mark.parametrize("count", [0, 1, 25])
def test_discord_never_gets_more_than_it_takes(context, unit, count):
    rows = [{"label": unit * 300, "value": unit * 2000}] * count
    body = written("discord.post", context, title=unit * 150, text=unit * 3000, append=rows)
    embed = body["embeds"][0]
    assert len(embed["title"]) <= 256
    assert len(embed["description"]) <= 4096
    # No sign is left without what escapes it.
    assert not re.search(r"(?<!\\)(\\\\)*\\$", embed["title"])


def test_a_cut_text_ends_with_the_mark(context):
    assert discord._fitting("a" * 30, 10) == "aaaaaaaaa…"
    assert discord._fitting("short", 10) == "short"


def test_a_value_cannot_look_like_another_row(context):
    message = compose(inputs(append=[{"label": "Name", "value": "Ann\nAmount: 0"}]), context)
    assert message.rows == (("Name", "Ann ⏎ Amount: 0"),)
