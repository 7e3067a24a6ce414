"""The words of exercises and keys: every language has all of them, with the same placeholders."""

import pickle
import re
from fractions import Fraction
from string import Formatter

import pytest

from derive.documents._languages import LANGUAGES
from derive.documents._tree import Section, Text, plain
from derive.tree import Node
from derive.worksheets import keys
from derive.worksheets._words import ENGLISH, WORDS, points_text, told, words, worth
from derive.worksheets.model import Student, Worksheet
from tests.worksheets.exercises import exercise


def placeholders(said):
    return sorted(name for _, name, _, _ in Formatter().parse(said) if name is not None)


def test_there_are_all_languages_that_documents_have():
    assert WORDS.keys() == LANGUAGES.keys()


@pytest.mark.parametrize("code", WORDS)
def test_a_language_has_every_sentence_with_its_placeholders(code):
    assert WORDS[code].keys() == ENGLISH.keys()
    for key, said in WORDS[code].items():
        assert placeholders(said) == placeholders(ENGLISH[key])
        assert said.strip() and said[-1:].isspace() == ENGLISH[key][-1:].isspace()


@pytest.mark.parametrize(("code", "said"), [
    ("en", "(2.5\u00a0points)"), ("de", "(2.5\u00a0Punkte)"), ("fr", "(2.5\u00a0points)"), ("es", "(2.5\u00a0puntos)"),
])  # fmt: skip
def test_words_inside_words_are_translated(code, said):
    assert worth(Fraction(5, 2)).told(code) == said


@pytest.mark.parametrize("code", WORDS)
def test_no_number_is_parted_from_what_it_counts(code):
    assert all("{count} " not in said for key, said in WORDS[code].items() if key.startswith("points."))


def test_french_has_a_space_before_its_signs_where_no_line_ends():
    for said in WORDS["fr"].values():
        before = re.findall(r"(.)[:;?!](?=\s|$)", said)
        assert set(before) <= {"\u00a0"}, said
    assert any("\u00a0?" in said for said in WORDS["fr"].values())


@pytest.mark.parametrize(("code", "begins", "ends"), [
    ("en", "What is ", ")?"), ("fr", "Que vaut ", ")\u00a0?"), ("es", "¿Cuánto vale ", ")?"),
])  # fmt: skip
def test_a_question_with_a_formula_ends_as_the_language_ends_it(code, begins, ends):
    asked = exercise("choice", "taylor-log", about="result").gaps[0].question
    assert isinstance(asked[1], Node)
    said = plain(told(asked, code))
    assert said.startswith(begins) and said.endswith(ends)


def test_words_with_braces_of_a_person_are_text():
    assert words("titled", title="{0.__class__} {x}", points="1") == "{0.__class__} {x} (1)"
    assert words("titled", title="{x}", points=points_text(Fraction(1))).told("de") == "{x} (1\u00a0Punkt)"


def test_words_survive_another_process():
    said = worth(Fraction(1))
    again = pickle.loads(pickle.dumps(said))
    assert again == said and again.told("es") == "(1\u00a0punto)"


def test_a_sheet_in_german():
    made = exercise("fading", "s0-p3-2-jacobian")
    sheet = Worksheet("Blatt 3", "seed", (made.variant.item,), language="de")
    page = keys.paper_document(sheet, Student("1"), [made]).pages[0]
    assert page.title.endswith("(6\u00a0Punkte)")
    assert page.blocks[0] == Text(("Füllen Sie die nummerierten Lücken aus.",))
    key = keys.key_document(sheet, Student("1"), [made])
    assert key.title == "Blatt 3: Lösung"
    assert Section(("Antworten",)) in key.pages[0].blocks
