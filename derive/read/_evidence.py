r"""What the whole formula tells about a name that is not declared: whether it is a density, a function, a matrix.

Each question looks at the tokens of the whole formula, once, and only when a name could be two things. The answers are
kept in :attr:`derive.read._parser.Parser.evidence`. A new sort of evidence is a function here.
"""

from __future__ import annotations

import bisect
from collections.abc import Callable, Iterator

from derive.errors import FormulaError
from derive.read import _brackets as brackets
from derive.read import _given as given
from derive.read._parser import RELATIONS, Parser
from derive.read._symbols import NAMES, symbol
from derive.read.tokens import Token
from derive.tree import Symbol

DENSITY_LETTERS = frozenset({"p", "q", "P", "Q"})


def is_applied(p: Parser, found: Symbol) -> bool:
    """Whether a name before a bracket is applied to it: the bracket is parted, or the name is a density elsewhere."""
    if given.parts(p, p.at) or found.plain in _once(p, "densities", _densities):
        return True
    return found.name in DENSITY_LETTERS and holds_relation(p, p.at)


def holds_relation(p: Parser, at: int) -> bool:
    """Whether a relation sign stands in the bracket at a token, outside further brackets."""
    at += p.tokens[at].key == r"\left"
    inside = brackets.outermost(p.tokens, at + 1, brackets.partner(p.tokens, at))
    return any(token.key in RELATIONS for token in inside)


def _once(p: Parser, question: str, answer: Callable[[Parser], frozenset[str]]) -> frozenset[str]:
    if question not in p.evidence:
        p.evidence[question] = answer(p)
    return p.evidence[question]


# --- densities -------------------------------------------------------------------------------------------------------


_TELLING = frozenset({"|", r"\|", r"\mid", ";", "given", "divides", r"\sim", r"\int", r"\mathbb"})


def _densities(p: Parser) -> frozenset[str]:
    r"""The names of what stands behind ``\sim``, in a divergence, before a parted bracket, below an expectation."""
    if not any(token.key in _TELLING for token in p.tokens):
        return frozenset()
    here, tokens = p.at, p.tokens
    found = frozenset(name.plain for name in _density_names(p, tokens))
    p.tokens = tokens
    p.go(here)
    return found


def _density_names(p: Parser, tokens: list[Token]) -> Iterator[Symbol]:
    """Every name that must be a density; the parser is left on a copy of the tokens."""
    variables, parted, divided = _differentials(p), *given.parted(tokens)
    for at, token in enumerate(tokens):
        if token.key not in NAMES:
            continue
        name = _name_at(p, tokens, at)
        if name is None:
            continue
        likely = name.name in DENSITY_LETTERS
        sided = at - 1 in divided or at - 2 in divided or p.at in divided
        if sided or (at and tokens[at - 1].key == r"\sim") or (likely and _below_expectation(p, at)):
            yield name
        elif brackets.opens(p, p.at):
            opening = p.at + (p.token.key == r"\left")
            if opening in parted or (likely and p.tokens[opening + 1].text in variables):
                yield name


def _name_at(p: Parser, tokens: list[Token], at: int) -> Symbol | None:
    """The name that begins at a token, the parser behind it; reading may change the copy of the tokens."""
    if len(p.tokens) != len(tokens) or p.tokens is tokens:
        p.tokens = list(tokens)
    p.go(at)
    depth = p.depth
    try:
        return symbol(p)
    except FormulaError:
        p.depth = depth
        return None


def _differentials(p: Parser) -> frozenset[str]:
    """The names behind a d in a formula with an integral."""
    if not any(token.key == r"\int" for token in p.tokens):
        return frozenset()
    pairs = zip(p.tokens, p.tokens[1:], strict=False)
    return frozenset(name.text for d, name in pairs if d.key == "differential" or d.text == "d")


def _below_expectation(p: Parser, at: int) -> bool:
    r"""Whether a name stands first in the subscript of ``\mathbb{E}`` or ``E``."""
    start = at - 1 - (p.tokens[at - 1].key == "{")
    if start < 1 or p.tokens[start].key != "_":
        return False
    before = p.tokens[start - 1]
    return before.text == "E" or (before.key == "}" and p.tokens[start - 2].text == "E")


# --- functions with a Greek name -------------------------------------------------------------------------------------


def uses(p: Parser, key: str) -> frozenset[str]:
    r"""How a Greek name stands in the formula: ``applied`` right before a bracket, ``bare``, or ``inside`` its own."""
    return _once(p, key, lambda p: frozenset(_uses(p.tokens, key)))


def _uses(tokens: list[Token], key: str) -> Iterator[str]:
    partners = brackets.partners(tokens)
    openings, bare = [], []
    for at, token in enumerate(tokens):
        if _key(token) != key or tokens[at + 1].key == "_":
            continue
        opening = at + 1
        while tokens[opening].key == "'":
            opening += 1
        opening += tokens[opening].key == r"\left"
        if tokens[opening].key in ("(", "[", r"\{"):
            openings.append(opening)
        elif not _is_powered(tokens, at + 1, partners) and not _is_derived(tokens, at):
            bare.append(at)
    for opening in openings:
        first = bisect.bisect(bare, opening)
        yield "inside" if first < len(bare) and bare[first] < partners[opening] else "applied"
    if bare:
        yield "bare"


def _key(token: Token) -> str:
    return f"\\{token.text}" if token.key == "word" else token.key


def _is_powered(tokens: list[Token], at: int, partners: dict[int, int]) -> bool:
    """Whether an exponent and then a bracket follow: what these are is the question."""
    if tokens[at].key != "^":
        return False
    end = partners[at + 1] + 1 if tokens[at + 1].key == "{" else at + 2
    return end < len(tokens) and tokens[end].key in ("(", "[", r"\left")


def _is_derived(tokens: list[Token], at: int) -> bool:
    r"""``d\sigma`` and ``\partial\sigma`` are the function's derivative."""
    before = tokens[at - 1] if at else tokens[-1]
    return before.key in (r"\partial", "differential") or before.text == "d"


# --- matrices --------------------------------------------------------------------------------------------------------


def is_matrix(p: Parser, name: Symbol) -> bool:
    """Whether a capital name without marks is transposed or inverted elsewhere in the formula."""
    if name.sub or name.sup or name.accent or not name.name[0].isupper() or p.names.declares(name.plain):
        return False
    return name.plain in _once(p, "matrices", lambda p: frozenset(_matrices(p.tokens)))


def _matrices(tokens: list[Token]) -> Iterator[str]:
    for at, token in enumerate(tokens[:-2]):
        if tokens[at + 1].key != "^" or not _key(token).lstrip("\\")[:1].isupper():
            continue
        end = brackets.partner(tokens, at + 2) if tokens[at + 2].key == "{" else at + 2
        raised = [t.text for t in tokens[at + 2 : end + 1] if t.key not in ("{", "}")]
        if raised in (["T"], [r"\top"], ["⊤"], ["-", "1"]):
            yield _key(token).lstrip("\\") if token.key != "letter" else token.text
