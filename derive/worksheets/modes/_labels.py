"""How the gap for a result is named: by its label, with the words that its name says besides, and telling no answer.

The label of a result may hold what another gap asks for: the largest log-likelihood is ``ℓ(4)`` where the estimate is
4. There the other gap stands in the place of its answer. The place where a problem asks for a value is no answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from unicodedata import normalize

from derive.documents._tree import Page
from derive.steps import Prose
from derive.tree import Hole, Node, children, numeric
from derive.worksheets.modes._visible import formulas, not_taken_at, printed, standing
from derive.write._names import GREEK

_WORDS = re.compile(r"(?P<words>[^\W\d_][^\W_'’-]+(?:[ '’-][^\W_]+)*)")  # plain names as W_sup_1 are no words
PREPOSITIONS = frozenset({"after", "as", "at", "before", "by", "for", "from", "in", "on", "with"})
"""Words that go on from a label: ``L in numbers``, not ``L, the largest value``."""

_BESIDE = re.compile(rf" (?P<words>(?:{'|'.join(sorted(PREPOSITIONS))}) [^_]+)$")

Kept = tuple[Node, Hole]
"""An answer that is not to be told, and the gap that asks for it."""


def posed(page: Page) -> frozenset[Node]:
    """The formulas that pose a problem, and the sides of its equations; a number by itself is one of the data."""
    proses = (item for statement in page.statements for item in statement.items)
    asked = (node for prose in proses for node in formulas(prose) if numeric(node) is None)
    return frozenset(part for node in asked for part in standing(node))


def without(label: Node, kept: Iterable[Kept]) -> Node:
    """A label with gaps in place of the answers at which something is taken."""
    for answer, gap in kept:
        label = not_taken_at(label, answer, gap)
    return label


def worded(name: str, kept: Iterable[Kept]) -> Prose:
    """A name with gaps in place of the points and formulas that it holds; single numbers in words are no answers."""
    prose: Prose = (name,)
    for answer, gap in kept:
        if any(children(answer)):
            prose = tuple(part for words in prose for part in _around(words, printed(answer), gap))
    return prose


def _around(words: str | Node, wanted: str, gap: Hole) -> Iterator[str | Node]:
    """Words with a gap in the place of a formula in them."""
    before, found, after = words.partition(wanted) if isinstance(words, str) else (words, "", "")
    yield from (part for part in (before, gap if found else "", after) if part)


def beside(name: str, label: Node) -> str:
    """What a name says and its label does not: ``in bits``, ``largest log-likelihood``; nothing for ``det J``."""
    found = _WORDS.fullmatch(name) or _BESIDE.search(name)
    if found is None or _bare(name) == _bare(printed(label)):
        return ""
    return " ".join(GREEK[word][1] if word in GREEK else word for word in found["words"].split())


def _bare(words: str) -> str:
    """The letters and digits of a name, raised and lowered ones as they are on the line."""
    return "".join(filter(str.isalnum, normalize("NFKC", words)))
