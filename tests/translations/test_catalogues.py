"""The catalogues say all that the sources say, in every language that is shipped."""

import re
from collections import Counter

import pytest

from tests.translations.catalogues import compiled, every, path_of, read, source, updated
from tests.translations.sources import catalogue

CATALOGUES = every()

# `%(name)s`, `%d`, `%%` and `{name}`; two opening braces are a dynamic reference that is spoken of.
_PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[a-zA-Z%]|(?<!\{)\{\w+\}")
# What is called the same in Japanese, or has no words.
_UNCHANGED = {
    *(" and ", "Payment intent ID", "a %(object)s", "an %(object)s"),
    *("AM", "API", "Checkout", "Climate", "Connect", "Financial Connections", "ID", "Issuing", "JSON", "PM"),
    *("Radar", "Stripe", "Terminal", "Treasury", "false", "null", "true"),
}
_JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")


def _texts(text):
    return (text,) if isinstance(text, str) else tuple(text)


def _pairs():
    for one in CATALOGUES:
        for message in read(*one):
            for translated in _texts(message.string) if message.id else ():
                yield _texts(message.id)[-1], translated


def _without_words(text):
    return not re.search(r"[A-Za-z]", _PLACEHOLDER.sub("", text))


def test_sources_are_read():
    texts = {_texts(one.id)[0] for one in catalogue("workflows", "django")}
    python, lazy, template, plural = "New workflow", "Workflow", "All time", "%d run was canceled."
    assert {python, lazy, template, plural, "Home", "if %(sentence)s"} <= texts
    assert "Copy" in {one.id for one in catalogue("workflows", "djangojs")}
    assert "US dollar" in {one.id for one in catalogue("actions", "django")}


def test_what_has_a_context_keeps_it():
    assert read("workflows", "ja", "django").get(" and ", "from one value to another").string == " 〜 "


@pytest.mark.parametrize("one", CATALOGUES, ids="-".join)
def test_a_catalogue_holds_what_the_sources_say(one):
    assert path_of(*one).read_bytes() == source(updated(*one)), (
        "Run `make messages`, and translate what is new."
    )


@pytest.mark.parametrize("one", CATALOGUES, ids="-".join)
def test_nothing_is_fuzzy_or_untranslated(one):
    found = [message for message in read(*one) if message.id]
    assert [one.id for one in found if one.fuzzy or not all(_texts(one.string))] == []


@pytest.mark.parametrize("one", CATALOGUES, ids="-".join)
def test_the_compiled_catalogue_is_that_of_its_source(one):
    assert path_of(*one).with_suffix(".mo").read_bytes() == compiled(read(*one))


def test_placeholders_are_kept():
    wrong = [
        (text, translated)
        for text, translated in _pairs()
        if Counter(_PLACEHOLDER.findall(text)) != Counter(_PLACEHOLDER.findall(translated))
    ]
    assert wrong == []


def test_one_and_several_are_told_the_same_values():
    """A language without a plural has only the text of several."""
    pairs = (one.id for given in CATALOGUES for one in read(*given) if isinstance(one.id, tuple))
    assert [pair for pair in pairs if len({frozenset(_PLACEHOLDER.findall(text)) for text in pair}) > 1] == []


def test_placeholders_without_names_keep_their_order():
    bare = re.compile(r"%[a-zA-Z]")
    wrong = [pair for pair in _pairs() if bare.findall(pair[0]) != bare.findall(pair[1])]
    assert wrong == []


def test_every_translation_is_japanese():
    left = {text for text, said in _pairs() if not _JAPANESE.search(said) and not _without_words(text)}
    assert left == _UNCHANGED


def test_a_sentence_stays_a_sentence():
    wrong = [
        (text, said) for text, said in _pairs() if text.endswith(".") and not said.endswith(("。", "」"))
    ]
    assert wrong == []


def test_spaces_around_a_text_are_kept():
    def around(text):
        return text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]

    assert [pair for pair in _pairs() if around(pair[0]) != around(pair[1])] == []


def test_quotation_marks_are_japanese():
    assert [said for _text, said in _pairs() if "“" in said or "”" in said] == []
