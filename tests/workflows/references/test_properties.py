import json

from hypothesis import given
from hypothesis import strategies as st

from stripeflow.workflows.references import (
    FILTERS,
    FilterCall,
    PathArgument,
    Reference,
    RenderError,
    Template,
    TemplateError,
    parse,
    parse_path,
    render,
    resolve,
)
from stripeflow.workflows.references.filters import check_call
from stripeflow.workflows.references.paths import ROOTS, format_path
from tests.workflows.conditions.strategies import scopes, unhurried

literals = st.text(alphabet=st.sampled_from("{}\"'\\ab \n|") | st.characters(), min_size=1, max_size=8)
segments = st.sampled_from(["amount", "currency", "data", 0, 1]) | st.text(max_size=5)
paths = st.builds(lambda root, rest: (root, *rest), st.sampled_from(ROOTS), st.lists(segments, max_size=4))
arguments = st.text(max_size=5) | st.integers(-99, 99) | st.builds(PathArgument, paths)
arguments |= st.sampled_from(["usd", "%Y-%m-%d", "UTC", "Europe/Berlin"])
calls = st.builds(
    FilterCall, st.sampled_from(list(FILTERS)), st.lists(arguments, max_size=2).map(tuple)
).filter(lambda call: not check_call(call))
references = st.builds(Reference, paths, st.lists(calls, max_size=3).map(tuple))
marks = st.sampled_from(["{{", "}}", "{", "}", "|", "(", ")", "[", "]", ".", ",", '"', "'", "\\", " "])
words = st.sampled_from(["trigger", "amount", "money", "default", "0", "-1", "é"])
sources = st.lists(marks | words | st.text(max_size=3), max_size=15).map("".join)


def _merged(parts):
    merged = []
    for part in parts:
        if isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += part
        else:
            merged.append(part)
    return Template(tuple(merged))


def _outcome(function, *arguments):
    """What the function returns, or the error of ours that it raises."""
    try:
        return function(*arguments)
    except (TemplateError, RenderError) as error:
        return error


templates = st.lists(literals | references, max_size=5).map(_merged)


@unhurried
@given(templates)
def test_every_template_is_read_as_it_was_written(template):
    assert parse(str(template)) == template


@unhurried
@given(paths)
def test_every_path_is_read_as_it_was_written(path):
    assert parse_path(format_path(path)) == path


@unhurried
@given(sources)
def test_reading_raises_nothing_but_its_error(source):
    found = _outcome(parse, source)
    if isinstance(found, TemplateError):
        assert found.message.endswith((".", "?"))
        assert 0 <= found.position <= len(source)
    else:
        assert parse(str(found)) == found


@unhurried
@given(st.text().filter(lambda text: "{{" not in text), scopes)
def test_a_text_without_references_is_itself(text, scope):
    assert render(text, scope) == text


@unhurried
@given(templates, scopes)
def test_filling_in_raises_nothing_but_its_errors(template, scope):
    found = _outcome(render, template, scope)
    if isinstance(found, RenderError):
        assert str(found).endswith((".", "?"))
    else:
        assert template.is_single or isinstance(found, str)


@unhurried
@given(paths, scopes)
def test_a_reference_alone_is_what_is_found_at_its_path(path, scope):
    try:
        expected = resolve(path, scope)
    except RenderError:
        return
    assert render(Template((Reference(path),)), scope) is expected


@unhurried
@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
def test_json_reads_back(value):
    assert json.loads(render("{{ item | json }}", {"item": value})) == value
