"""Sentences of the rule tables with the formulas in them set as formulas.

The reasons of slips are plain sentences, ``x^2 has derivative 2x``, because they are told in terminals and messages
too. Keys take them through :func:`with_formulas`, which finds the runs of signs that can only be a formula and reads
them; what cannot be read stays as it is.
"""

from __future__ import annotations

import re
from functools import lru_cache

from derive.errors import DeriveError
from derive.read.latex import Names, read
from derive.steps import Prose
from derive.tree import Node

_FUNCTIONS = ("sin", "cos", "tanh", "log", "det", "sigma", "Var", "ReLU")
_CORE = r"\\?(?:{functions})(?:_\{{?\w\}}?)?|[A-Za-z](?![A-Za-z])|\d+(?:\.\d+)?|[\^_](?:\{{[^{{}}]*\}}|\w)|[()/+\-=<>]"
_PIECE = re.compile(_CORE.format(functions="|".join(_FUNCTIONS)))
_TELLS = re.compile(r"[\^_=/<>]|\d[A-Za-z(]|\w\(|\w [+-] \w")
"""What only formulas have."""
_SPELLED = (("sigma", r"\sigma "), ("Var", r"\operatorname{Var}"), ("ReLU", r"\operatorname{ReLU}"),
            ("^T", r"^\top"), *((name, rf"\{name} ") for name in ("sin", "cos", "tanh", "log", "det")))


@lru_cache(maxsize=1024)
def with_formulas(words: str) -> Prose:
    """A sentence as prose; every run of it that is a formula is one."""
    prose: list[str | Node] = []
    end = 0
    for start, stop in _runs(words):
        node = _formula(words[start:stop])
        if node is not None:
            prose += [words[end:start], node] if start > end else [node]
            end = stop
    return (*prose, words[end:]) if end < len(words) else tuple(prose)


def _runs(words: str) -> list[tuple[int, int]]:
    """Where pieces of formulas follow on each other with nothing but spaces between; balanced, and no mere word."""
    runs: list[tuple[int, int]] = []
    for found in _PIECE.finditer(words):
        start, stop = found.span()
        if start and words[start - 1].isalpha() and found[0][0].isalpha():
            continue  # the end of a word
        if runs and not words[runs[-1][1] : start].strip(" "):
            runs[-1] = (runs[-1][0], stop)
        else:
            runs.append((start, stop))
    return [run for run in (_trimmed(words, *run) for run in runs) if _TELLS.search(words[slice(*run)])]


def _trimmed(words: str, start: int, stop: int) -> tuple[int, int]:
    """A run without the article before it, and without brackets that are the sentence's."""
    if words.startswith(("a ", "A ", "I "), start):
        start += 2
    inside = words[start:stop]
    while inside.count("(") != inside.count(")") and inside:
        if inside.count("(") > inside.count(")"):
            cut = inside.rindex("(")
            inside = inside[:cut]
        else:
            inside = inside[: inside.rindex(")")]
        inside = inside.rstrip(" ")
    return start, start + len(inside)


def _formula(run: str) -> Node | None:
    for plain, spelled in _SPELLED:
        run = spelled.join(re.split(rf"(?<![A-Za-z\\]){re.escape(plain)}(?![A-Za-z])", run))
    try:
        return read(run, Names(others=True))
    except DeriveError:
        return None
