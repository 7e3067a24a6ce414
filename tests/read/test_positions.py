import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derive.read.positions import scan

DOCUMENT = r"""title = "Sheet"  # a comment with [brackets] and = signs

[[problem]]
kind = 'a'
[problem.given]
function = 'f(x) = x^2'   # ' quote
points = [
    1, # one
    [2, 3],
    '\frac{1}{2}',
]
start = { birthday = "05-16", deep = { x = 1 } }
dotted.key."with space" = 4

[[problem]]
"kind" = "b"
text = '''
many
lines'''
[problem.given]
function = "\frac x"
"""


@pytest.mark.parametrize(("path", "line"), [
    (("title",), 1),
    (("problem", 0), 3),
    (("problem", 0, "kind"), 4),
    (("problem", 0, "given"), 5),
    (("problem", 0, "given", "function"), 6),
    (("problem", 0, "given", "points"), 7),
    (("problem", 0, "given", "points", 0), 8),
    (("problem", 0, "given", "points", 1, 1), 9),
    (("problem", 0, "given", "points", 2), 10),
    (("problem", 0, "given", "start", "deep", "x"), 12),
    (("problem", 0, "given", "dotted", "key", "with space"), 13),
    (("problem", 1), 15),
    (("problem", 1, "kind"), 16),
    (("problem", 1, "text"), 17),
    (("problem", 1, "given", "function"), 21),
])
def test_the_line_of_each_value(path, line):
    assert scan(DOCUMENT).line(path) == line


def test_what_is_not_there_gets_the_line_around_it():
    assert scan(DOCUMENT).line(("problem", 1, "given", "missing")) == 20
    assert scan(DOCUMENT).line(("nothing",)) == 0


def test_double_quoted_strings_are_kept_as_typed():
    positions = scan(DOCUMENT)
    assert positions.strings(("problem", 1, "given", "function")) == [r'"\frac x"']
    assert positions.strings(("problem", 0, "given", "points")) == []
    assert positions.strings(("problem", 0, "given", "start")) == ['"05-16"']


@pytest.mark.parametrize("text", [
    'a = """x"""""\nb = 1', "a = '''x''''\nb = 1", 'a = """\n"quoted" \\""" """\nb = 1', 'a = "\\""\nb = 1',
    "a = 1979-05-27 07:32:00\nb = 1", "a = [1979-05-27 07:32:00, 2]\nb = 1", "a = {}\nb = 1", "a = [[], [1,],]\nb = 1",
    'a = ["]", "}", "#"]\nb = 1', "a=1#c\nb=2", "'' = 1\nb = 1", '"a\\u00e9" = 1\nb = 1', "[t] # c\n[u]\nb=1",
])
def test_every_key_of_valid_toml_is_found(text):
    positions = scan(text)
    for path in paths(tomllib.loads(text)):
        assert path in positions.offsets
    lines = [positions.line(path) for path in positions.offsets if path[-1] == "b"]
    assert lines == [text.count("\n") + 1]


def paths(value, at=()):
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield (*at, key)
        yield from paths(inner, (*at, key))


@given(st.text(max_size=200))
def test_any_text_is_scanned_without_an_error(text):
    scan(text)
