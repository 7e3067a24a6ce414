"""Runs of letters that are no declared name: a product of letters only when nothing else could be meant.

Called by the reader of names for the first letter of each run. A word that means something the reader has no node for
is a row of :data:`UNREAD_WORDS`.
"""

from __future__ import annotations

import difflib

from derive.read import _brackets as brackets
from derive.read._parser import Parser
from derive.read.names import GREEK, KNOWN
from derive.read.tokens import Token

UNREAD_WORDS = {
    **dict.fromkeys(("div", "grad", "rot", "curl"), "this operator is not read"),
    "sqrt": r"a root is written \sqrt{x}",
    "lim": r"a limit is written \lim_{x \to 0}",
    "sum": r"a sum is written \sum_{i=1}^{n}",
    "int": r"an integral is written \int x \,dx",
    "frac": r"a fraction is written \frac{x}{y}",
}  # fmt: skip
"""Words that mean something this reader has no node for."""


COMMON = frozenset({
    "TP", "FP", "TN", "FN", "CE", "LR", "lr", "acc", "err", "net", "out", "obs", "est", "num", "len", "avg", "std",
    "mse", "mae", "rss", "tss", "reg", "new", "old", "pos", "neg", "pred", "row", "col", "dim",
})  # fmt: skip
"""Short names of the field: counts, scores, rates. As products of letters they would be misread."""


def refuse_run(p: Parser, token: Token) -> None:
    """Refuse a run of letters that is no product; the parser stands on its first letter."""
    _refuse_differential(p, token)
    run = _without_differentials(p, token.run)
    if all(p.names.declares(letter) or letter in p.names.matrices for letter in run):
        return  # a product of what was declared, ABC of matrices
    if run in UNREAD_WORDS:
        raise p.fail(UNREAD_WORDS[run], token=token)
    if len(run) > 2 or run in COMMON:
        _refuse_word(p, run, token)


def _refuse_differential(p: Parser, token: Token) -> None:
    """``dx`` written as one is no product, unless d is declared."""
    if token.run in _DIFFERENTIALS and not p.names.declares("d"):
        hint = f"for a product write d {token.run[1]}"
        raise p.fail("a differential stands here without its integral or fraction", hint, token)


_DIFFERENTIALS = frozenset({"dx", "dy", "dz", "dt", "du", "dv", "dw", "dr", "ds", "df", "dg", "dp", "dq"})


def _without_differentials(p: Parser, run: str) -> str:
    """``xydxdy`` is ``xy`` with two differentials, inside two integrals."""
    for _ in range(p.integrals):
        run = run[:-2] if run[-2:-1] == "d" else run
    return run


def _refuse_word(p: Parser, run: str, token: Token) -> None:
    """``sofmax(x)`` is a misspelt function, ``sinx`` lacks a space and ``loss`` is a word: no products of letters."""
    declared = (*p.names.functions, *(p.names.symbols or ()), *UNREAD_WORDS)
    near = difflib.get_close_matches(run, [w for w in (*_WORDS, *declared) if len(w) > 2], 1, cutoff=0.75)
    inside = [w for w in _WORDS if run.startswith(w) or run.endswith(w) or (len(w) > 2 and w in run)]
    applied = brackets.opens(p, p.at + len(run))
    if near or inside or applied or len(run) > 3 or run.isupper() or run in COMMON:
        raise p.fail(f"the name {run} is not declared", _advice(near, inside), token)


def _advice(near: list[str], inside: list[str]) -> str:
    if near and near[0] not in inside:
        return f"did you mean {near[0]}?"
    if inside:
        return f"put a space or brackets around {max(inside, key=len)}"
    return "declare it, or put spaces between the factors of a product"


_WORDS = tuple(word for word in (*KNOWN, *GREEK) if len(word) > 1 and word.isalpha())
