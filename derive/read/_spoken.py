r"""What is said of a letter in words or by a set of numbers: ``n positive integer``, ``x \in \mathbb{R}^n``.

Called by :mod:`derive.read.conditions` alone. A new way to say something is a row of :data:`_WORDS`, a new set of
numbers one of :data:`_SETS`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from derive.declarations import PROPERTIES, Declaration, declaration
from derive.errors import DeriveError, FormulaError
from derive.read.declared import Subject, subject


@dataclass(frozen=True, slots=True)
class Piece:
    """One condition: its text, and where it begins in the whole."""

    text: str
    at: int
    whole: str

    def fail(self, problem: str, hint: str = "") -> FormulaError:
        """The refusal of this condition."""
        return FormulaError(self.whole, self.at, problem, hint)


_SEPARATOR = re.compile(r"[,;\n]|\\(?:land|wedge)\b|\\text\s*\{\s*(?:and|und)\s*\}|\b(?:and|und)\b|∧")
_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")
_LEAD = re.compile(
    r"(?:(?:\\text\s*\{\s*)?(?:for|where|with|let|if|für|mit|sei(?:en)?)\b(?:\s*(?:all|every|each|any|alle)\b)?(?:\s*\})?"
    r"|\\forall|∀)\s*", re.IGNORECASE,
)  # fmt: skip


def pieces(text: str) -> Iterator[Piece]:
    """The conditions between commas and ``and``; those inside brackets separate nothing."""
    start = at = depth = 0
    while at < len(text):
        found = _SEPARATOR.match(text, at) if depth == 0 and not text[max(0, at - 1) : at].isalpha() else None
        if found is None and depth == 0:
            found = re.compile(r"[,;\n]").match(text, at)
        if found:
            yield from _piece(text, start, at)
            start = at = found.end()
            continue
        depth = max(0, depth + (text[at] in _OPENING) - (text[at] in _CLOSING))
        at += 1
    yield from _piece(text, start, len(text))


def _piece(text: str, start: int, end: int) -> Iterator[Piece]:
    while lead := _LEAD.match(text, start, end) or re.compile(r"\s+").match(text, start, end):
        start = lead.end()
    written = text[start:end].rstrip().rstrip(".")
    if written:
        yield Piece(written, start, text)


# --- words ----------------------------------------------------------------------------------------------


_WORDS = (
    (r"(?:real|rational)(?:[- ]valued)?(?: numbers?| scalars?)?|reals?|numbers?|scalars?", "real"),
    (r"(?:strictly )?positive(?: reals?)?(?: numbers?| scalars?)?", "positive"),
    (r"(?:strictly )?negative(?: reals?)?(?: numbers?| scalars?)?", "negative"),
    (r"non-?negative(?: reals?)?(?: numbers?| scalars?)?", "nonnegative"),
    (r"non-?positive(?: reals?)?(?: numbers?| scalars?)?", "nonpositive"),
    (r"non-?zero(?: reals?)?(?: numbers?| scalars?)?", "nonzero"),
    (r"(?:integers?|whole)(?: numbers?)?", "integer"),
    (r"(?:positive|natural) (?:integers?|(?:whole )?numbers?)|naturals?", "positive integer"),
    (r"non-?negative (?:integers?|whole numbers?)", "nonnegative integer"),
    (r"probabilit(?:y|ies)", "probability"),
    (r"empirical (?:density|distribution)", "empirical density"),
    (r"(?:probability |continuous )?(?:density|densities|distributions?|pdf|pmf)(?: functions?)?", "density"),
    (r"(?:(?:differentiable|smooth|continuous|scalar|real) )*functions?", "function"),
    (r"sets?", "set"),
    (r"(?:column )?vectors? (?:of (?:length|size|dimension) )?(\w+)", r"vector \1"),
    (r"(\w+)-?(?: dimensional|-vector| vector)(?: vector)?", r"vector \1"),
    (r"(?:column )?vectors?", "vector"),
    (r"matri(?:x|ces)", "matrix"),
    (r"(\w+)\s*(?:x|×|\*|by)\s*(\w+)[- ](?:(.*) )?matri(?:x|ces)", r"\3 matrix \1 x \2"),
    (r"(\d+)x(\d+) (?:(.*) )?matri(?:x|ces)", r"\3 matrix \1 x \2"),
    (r"(symmetric|invertible|orthogonal|diagonal|positive definite)", r"\1 matrix"),
)
_PATTERNS = tuple((re.compile(pattern), text) for pattern, text in _WORDS)
_ARTICLE = re.compile(r"(?:an?|the|any|some)\s+", re.IGNORECASE)
_BETWEEN = re.compile(r"\s*(?::|=|\\in(?![A-Za-z])|∈|\b(?:is|are|be|in|ist|sind)\b)?\s*")


def in_words(text: str) -> Declaration | None:
    """The declaration that some words are, or None; DeriveError for an interval or a matrix that cannot be."""
    plain = _ARTICLE.sub("", " ".join(text.split()), count=1)
    if plain in ("", "=", ":"):
        return None
    for pattern, says in _PATTERNS:
        if found := pattern.fullmatch(plain):
            return declaration(" ".join(re.sub(r"\\(\d)", lambda m: found[int(m[1])] or "", says).split()))
    if _SHAPED.match(plain):
        return declaration(plain)
    try:
        return declaration(plain) if plain[0] in "([" else None
    except DeriveError:
        return None  # an interval in LaTeX, or one that is empty: read as a relation


_SHAPED = re.compile(rf"(?:(?:{'|'.join(PROPERTIES)})\s+)*(?:vector|matrix)\b")


def named(piece: Piece) -> tuple[Subject, str] | None:
    """``x positive``, ``W: matrix 3 x 2``: the name and the words behind it."""
    for found in re.finditer(r"(?<=[\w}\)])(?=[\s:=\\∈])", piece.text):
        between = _BETWEEN.match(piece.text, found.end())
        rest = piece.text[between.end() if between else found.end() :]
        if not re.match(r"[A-Za-z0-9(\[]", rest):
            continue
        words = in_words(rest)
        if words is not None:
            return subject(piece.text[: found.end()]), words.text
    return None


# --- sets -----------------------------------------------------------------------------------------------


_SETS = {
    "R": "real", "N": "positive integer", "Z": "integer", "Q": "real",
    "R_+": "positive", "R_>0": "positive", "R_-": "negative", "R_<0": "negative", "R_ge0": "nonnegative",
    "R_>=0": "nonnegative", "R_geq0": "nonnegative",
    "R_++": "positive", "R_ne0": "nonzero", "R_neq0": "nonzero", "R_*": "nonzero",
    "N_0": "nonnegative integer", "Z_>0": "positive integer", "Z_+": "positive integer",
    "N_+": "positive integer", "Z_ge0": "nonnegative integer", "Z_geq0": "nonnegative integer",
    "Z_>=0": "nonnegative integer", "N_>0": "positive integer",
}  # fmt: skip
"""Sets of numbers by letter and subscript. 0 is not in N."""

_SET = re.compile(
    r"\\mathbb\s*(?:\{\s*(?P<one>[RNZQ])\s*\}|(?P<two>[RNZQ]))(?:\s*_\s*(?P<mark>\{[^{}]*\}|\S))?"
    r"(?:\s*\^\s*(?P<power>\{[^{}]*\}|\S))?"
)
_LETTERS = {"ℝ": r"\mathbb{R}", "ℕ": r"\mathbb{N}", "ℤ": r"\mathbb{Z}", "ℚ": r"\mathbb{Q}"}
_MEMBER = re.compile(r"(.*?)(?:\\in(?![A-Za-z])|∈|(?<![A-Za-z\\])in(?![A-Za-z]))\s*(.*)", re.DOTALL)


def member_of(piece: Piece) -> tuple[str, Declaration] | None:
    r"""``x \in \mathbb{R}^{m \times n}``: the name and what the set makes it."""
    found = _MEMBER.fullmatch(piece.text)
    if found is None:
        return None
    name, written = found[1].strip(), found[2].strip()
    for letter, latex in _LETTERS.items():
        written = written.replace(letter, latex)
    if re.fullmatch(r"[RNZ](?:_0|_\+|\^.+)?", written):
        written = rf"\mathbb{{{written[0]}}}{written[1:]}"
    where = _SET.fullmatch(written)
    return None if where is None else (name, _of_set(where, piece))


def _of_set(found: re.Match[str], piece: Piece) -> Declaration:
    letter = found["one"] or found["two"]
    mark, power = (re.sub(r"[\s{}]", "", found[group] or "") for group in ("mark", "power"))
    if power in ("+", "-", "*") and not mark:
        mark, power = power, ""
    text = _SETS.get(f"{letter}_{mark}".replace("\\", "") if mark else letter)
    if text is None:
        raise piece.fail("this set of numbers is not known", r"such as \mathbb{R}, \mathbb{N}, \mathbb{R}_{>0}")
    if not power:
        return declaration(text)
    sides = re.split(r"\\times|×", power)
    if letter != "R" or mark or len(sides) > 2:
        raise piece.fail("vectors and matrices have real entries", r"such as \mathbb{R}^{n} or \mathbb{R}^{m \times n}")
    return declaration(f"{'vector' if len(sides) == 1 else 'matrix'} {' x '.join(sides)}")
