"""The page of the notation says what the reader does: every example, every refusal, every command."""

import re

import pytest

from derive.errors import DeriveError
from derive.functions import FUNCTIONS
from derive.read import latex, notation, tokens
from derive.read._parser import IMPLICATIONS, RELATIONS
from derive.read._unread import UNREAD
from derive.read.latex import read
from derive.read.names import ACCENTS, FONTS, GREEK, KNOWN
from derive.write.text import text as shown

CONSTRUCTS = [construct for part in notation.page() for construct in part.constructs]
EXAMPLES = [(construct, example) for construct in CONSTRUCTS for example in construct.examples]
REFUSED = [(construct, example) for construct in CONSTRUCTS for example in construct.refused]
LISTED = {cell for part in notation.page() for row in part.rows for text in row for cell in re.split(r"  |, ", text)}


def by_example(pair):
    return pair[1]


@pytest.mark.parametrize("pair", EXAMPLES, ids=by_example)
def test_every_example_is_read(pair):
    construct, example = pair
    assert shown(read(example, construct.names()))


@pytest.mark.parametrize("pair", REFUSED, ids=by_example)
def test_every_refused_example_is_refused(pair):
    construct, example = pair
    with pytest.raises(DeriveError):
        read(example, construct.names())


def commands_on_the_page():
    """Every command that stands in an example or in a table."""
    found = {command for _, example in EXAMPLES for command in re.findall(r"\\(?:[A-Za-z]+|.)", example)}
    pairs = {first + then for _, example in EXAMPLES for first, then in re.findall(r"(\\[a-z]+)(\\[a-z]+)", example)}
    return found | pairs | LISTED


def test_every_command_of_the_grammar_is_on_the_page():
    missing = latex._GRAMMAR.commands() - commands_on_the_page()
    assert not missing


@pytest.mark.parametrize(
    "table", [KNOWN, RELATIONS, IMPLICATIONS, UNREAD, ACCENTS, FONTS, tokens._SAME], ids=lambda t: next(iter(t))
)
def test_every_row_of_the_tables_is_on_the_page(table):
    assert set(table) <= LISTED


def test_every_character_that_is_read_is_on_the_page():
    assert set(tokens._UNICODE) <= LISTED | set(GREEK.values())


def test_what_is_not_read_is_refused():
    for command in UNREAD:
        with pytest.raises(DeriveError):
            read(f"{command} x y")


def test_every_known_function_is_listed_with_its_title():
    (functions,) = (part for part in notation.page() if part.title == "Known functions")
    assert [row[0] for row in functions.rows] == [row.title for row in FUNCTIONS.values()]


@pytest.mark.parametrize("width", [60, 80, 120])
def test_the_text_fits_the_terminal(width):
    page = notation.text(width, shown)
    long = [line for line in page.splitlines() if len(line) > width and " " in line.strip()]
    assert all(line.strip().startswith("\\") or "\\" in line for line in long)
    assert all(part.title in page for part in notation.page())


def test_the_markdown_has_whole_tables():
    page = notation.markdown(shown)
    rows = [line for line in page.splitlines() if line.startswith("|")]
    assert rows
    for block in re.findall(r"(?:^\|.*\n)+", page, re.MULTILINE):
        cells = {len(re.split(r"(?<!\\)\|", line)) for line in block.splitlines()}
        assert len(cells) == 1, block
