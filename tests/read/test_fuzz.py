"""Formulas with pieces lost, doubled, swapped and put in: read or refused, in words and with bounded work.

The formulas are those of ``unseen.json``. Hypothesis mutates them in the fast suite; the slow suite reads a million
mutants in two processes, each from a seed that a failure names. ``fuzz_atheris.py`` goes on from here where atheris
is installed.
"""

import json
import random
import re
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.errors import DeriveError, FormulaError
from derive.read.latex import Names, read, read_definition
from tests.read.work import allowed, work

MUTANTS = 1_000_000
CHUNK = 10_000
PROCESSES = 2

ROWS = json.loads((Path(__file__).parent / "unseen.json").read_text(encoding="utf-8"))
TOKEN = re.compile(r"\\[A-Za-z]+|\\.|[A-Za-z]+|[0-9.]+|\s+|.", re.DOTALL)
STRANGE = (
    "\x00", "\t", "\n", "\f", "\u200b", "\u202e", "\u2066", "\ufeff", "а", "о", "Α", "ß", "é", "\u0301", "½", "x²", "ₙ",
    "∑", "𝑥", "\U0001f600", "\ud800", "٣", "％", "（", "″", "\\", "$", "#", "%", "@", "`", '"', "~", "&", "{", "}", "^",
    "_",
)  # fmt: skip


def names(row) -> Names:
    """What the row declares."""
    kinds = ("functions", "indexed", "matrices", "densities")
    return Names(**{kind: frozenset(row.get(kind, "").split()) for kind in kinds}, labels=True)


@cache
def vocabulary() -> tuple[str, ...]:
    """Every token that occurs in the formulas, and characters that no formula has."""
    return (*sorted({token for row in ROWS for token in TOKEN.findall(row["latex"])}), *STRANGE)


@cache
def formulas() -> tuple[tuple[list[str], Names], ...]:
    """The formulas as tokens, with their declarations, and with none."""
    return tuple((TOKEN.findall(row["latex"]), found) for row in ROWS for found in (names(row), Names()))


def mutate(tokens: list[str], source: random.Random) -> list[str]:
    """One edit: a piece lost, doubled, put in, exchanged, cut off, or another formula in its place."""
    at, other = sorted((source.randrange(len(tokens) + 1), source.randrange(len(tokens) + 1)))
    match source.randrange(8):
        case 0:
            return tokens[:at] + tokens[at + 1 :]
        case 1:
            return tokens[:at] + tokens[min(other, at + 6) :]
        case 2:
            return [*tokens[:at], source.choice(vocabulary()), *tokens[at:]]
        case 3:
            return [*tokens[:at], source.choice(vocabulary()), *tokens[at + 1 :]]
        case 4:
            swapped = tokens[other : other + 1] + tokens[at + 1 : other] + tokens[at : at + 1]
            return tokens[:at] + swapped + tokens[other + 1 :]
        case 5:
            return tokens[:at] + tokens[at:other] + tokens[at:]
        case 6:
            return tokens[: max(at, 1)]
        case _:
            return tokens[:at] + source.choice(formulas())[0][: source.randrange(1, 12)] + tokens[other:]


def mutant(source: random.Random) -> tuple[str, Names]:
    """A formula after one to four edits."""
    tokens, declared = source.choice(formulas())
    for _ in range(source.choice((1, 1, 1, 2, 2, 3, 4))):
        tokens = mutate(tokens, source)
    return "".join(tokens), declared


def survives(text: str, declared: Names, reader=read) -> None:
    """Read or refused in words, with no more work than the length of the text allows."""
    assert work(_judged, reader, text, declared) <= allowed(text), text


def _judged(reader, text: str, declared: Names) -> None:
    try:
        reader(text, declared)
    except DeriveError as error:
        assert str(error)
        assert not isinstance(error, FormulaError) or 0 <= error.position <= len(text)


# --- in the fast suite ------------------------------------------------------------------------------------------------


@settings(max_examples=150, deadline=None)
@given(st.randoms(use_true_random=False), st.sampled_from([read, read_definition]))
def test_mutated_formulas_are_read_or_refused(source, reader):
    survives(*mutant(source), reader)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(range(len(ROWS))), st.data())
def test_formulas_with_any_character_in_them(number, data):
    text = ROWS[number]["latex"]
    at = data.draw(st.integers(0, len(text)))
    put_in = data.draw(st.integers(0, 0x10FFFF).map(chr) | st.sampled_from(STRANGE))
    survives(text[:at] + put_in + text[at:], names(ROWS[number]))


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_any_sequence_of_the_tokens_of_formulas(data):
    survives("".join(data.draw(st.lists(st.sampled_from(vocabulary()), max_size=40))), Names(labels=True))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=80))
def test_any_bytes_read_as_text(data):
    survives(data.decode("latin-1"), Names())
    survives(data.decode("utf-8", "surrogateescape"), Names())


# --- a million -----------------------------------------------------------------------------------------------------


def _chunk(seed: int) -> list[str]:
    """What went wrong in the mutants of one seed."""
    return list(_failures(random.Random(seed), seed))


def _failures(source: random.Random, seed: int) -> Iterator[str]:
    for i in range(CHUNK):
        text, declared = mutant(source)
        try:
            survives(text, declared)
        except Exception as error:
            yield f"seed {seed}, mutant {i}: {type(error).__name__}: {error}\n  {text!r}\n  {declared}"


@pytest.mark.slow
def test_a_million_mutants():
    with ProcessPoolExecutor(PROCESSES) as pool:
        found = [line for lines in pool.map(_chunk, range(MUTANTS // CHUNK)) for line in lines]
    assert not found, f"{len(found)} of {MUTANTS} mutants\n" + "\n".join(found[:20])
