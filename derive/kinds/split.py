"""Splits of a small table: Gini's impurity and entropy of every threshold, the best split, a tree of small depth.

The table is checked in :mod:`derive.kinds._split_given`, candidates and the tree are found in
:mod:`derive.kinds._split_search`, and the sums are worked out by :mod:`derive.kinds._split_told`.
"""

from __future__ import annotations

from derive.errors import DeriveError
from derive.kinds._shared import context_of
from derive.kinds._split_given import Data, given_data, words
from derive.kinds._split_search import candidates, grow
from derive.kinds._split_told import CRITERIA, data_parts, root_parts, tree_parts
from derive.problem import Field, Problem
from derive.steps import Derivation, Prose

SUMMARY = "the best split of a small table by Gini's impurity and by entropy, and a decision tree of small depth"

FIELDS = (
    Field("data", "any", "a list of values for each column, the classes among them; or {file = …} for numbers in a CSV",
          required=True, example="{x = [1, 2, 3, 4], class = ['a', 'a', 'b', 'b']}"),
    Field("target", "text", "the column with the classes", default="class", example='"class"'),
    Field("criterion", "choice", "what the tree is grown by; the first split is told for both", default="gini",
          choices=tuple(CRITERIA), example='"gini"'),
    Field("depth", "integer", "how many levels of splits the tree has at most", default=2, least=1, most=5,
          example="2"),
    Field("least_rows", "integer", "how many rows a side has at least", default=1, least=1, most=500, example="1"),
    Field("figure", "boolean", "whether to draw the tree", default=True, example="true"),
)
STARTER = ("data", "target")


def solve(problem: Problem) -> Derivation:
    """The impurities of the whole table and of all its splits, the best split, the tree.

    DeriveError for a table that cannot be used, and where every row has the same features.
    """
    given = problem.given
    data = given_data(given, problem.file)
    rows = tuple(range(len(data)))
    splits = [s for s in candidates(data, rows) if min(len(s.yes), len(s.no)) >= given["least_rows"]]
    if not splits:
        raise DeriveError("data: no feature splits the rows: all have the same values, or a side gets too few rows",
                          "change the data, or least_rows")
    parts, results = root_parts(data, splits)
    parts = [*data_parts(data), *parts]
    tree = grow(data, rows, given["criterion"], given["depth"], given["least_rows"])
    more, found = tree_parts(data, tree, given["criterion"], given["figure"])
    return Derivation(
        problem.title, problem.kind, _given(data, given["least_rows"]),
        (("the best split by Gini's impurity and by the entropy in bits",),
         (f"a tree of depth {given['depth']} at most, grown by {CRITERIA[given['criterion']].title}",)),
        (*parts, *more), (*results, *found), context_of(dict(problem.domains)),
    )


def _given(data: Data, least: int) -> tuple[Prose, ...]:
    small: tuple[Prose, ...] = ((f"at least {least} rows on each side of a split",),) if least > 1 else ()
    return ((words(data),), *small)
