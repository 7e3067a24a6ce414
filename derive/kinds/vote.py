"""Votes of experts and comparisons of classifiers: the majority, bootstrap samples, errors, leaks.

The majority is :mod:`derive.kinds._vote_majority`, bootstrap samples and comparisons are
:mod:`derive.kinds._vote_compare`, the program for scikit-learn is :mod:`derive.kinds._vote_experiment`. Each part is
told when what it needs is given.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from derive.errors import DeriveError, about
from derive.kinds._shared import context_of, listed
from derive.kinds._vote_compare import accuracies, bootstrap, compared, leak, leaked, measured, share
from derive.kinds._vote_experiment import experiment
from derive.kinds._vote_majority import C, P, correlated, different, independent
from derive.problem import Field, Problem
from derive.steps import Derivation, Part, Prose, Result
from derive.tree import Node, Relation, Symbol, numeric
from derive.write.text import text

SUMMARY = "majority votes of independent and correlated experts, bootstrap samples, errors compared, leaks"

EXPERTS_MOST = 201
DIFFERENT_MOST = 7
ROWS_MOST = 100_000

FIELDS = (
    Field("experts", "any", "how many experts vote, or a list with the accuracy of each", example="5"),
    Field("accuracy", "formula", "the probability that one of them is right: a number or a letter", example="0.7"),
    Field("together", "formula", "the probability that all follow one common vote: a number or a letter",
          example="0.3"),
    Field("bootstrap", "integer", "the number of rows that a bootstrap sample is drawn from", least=2, most=ROWS_MOST,
          example="200"),
    Field("accuracies", "any", "measured accuracies by their names; errors are compared with the last",
          example='{"forest on experts" = 0.88, "direct forest" = 0.805}'),
    Field("base", "number", "the share of the most frequent class", example="0.81"),
    Field("leak", "any", "the share of the test rows that was seen in training, the accuracy on these, and whose it is",
          example="{share = 0.8, seen = 0.9}"),
    Field("experiment", "boolean", "whether to print the comparison as a program for scikit-learn", default=False,
          example="true"),
)
STARTER = ("experts", "accuracy")

Told = tuple[list[Part], list[Result]]


def solve(problem: Problem) -> Derivation:
    """The parts for which something is given.

    DeriveError where nothing is, for probabilities outside 0 and 1, and for too many experts.
    """
    given = problem.given
    sections = [told for told in (_compared(given), _voted(given), _bagged(given)) if told is not None]
    if not sections and not given["experiment"]:
        raise DeriveError("nothing is given that could be derived",
                          "give experts and accuracy, bootstrap, or accuracies")
    parts = [part for told in sections for part in told[0]]
    results = [result for told in sections for result in told[1]]
    parts += experiment() if given["experiment"] else []
    domains: dict[Symbol, str] = {s: "(0, 1)" for key in ("accuracy", "together")
                                  if isinstance(s := given[key], Symbol)}
    return Derivation(problem.title, problem.kind, tuple(_given(given)), tuple(_asked(given)), tuple(parts),
                      tuple(results), context_of({**domains, **problem.domains}))


def _given(given: Mapping[str, Any]) -> list[Prose]:
    """What is known, with the letters of the solution; everything was checked before."""
    items: list[Prose] = []
    if isinstance(given["experts"], int):
        items.append((f"{given['experts']} experts, each right with probability ", _named(P, given["accuracy"])))
    elif given["experts"] is not None:
        right = [share(v, "experts") for v in given["experts"]]
        items.append((f"{len(right)} experts, right with the probabilities ", *listed(right)))
    if given["together"] is not None:
        items.append(("with probability ", _named(C, given["together"]), " all experts follow one common vote"))
    if given["bootstrap"] is not None:
        items.append((f"bootstrap samples of {given['bootstrap']:,} rows",))
    if given["accuracies"] is not None:
        items += measured(accuracies(given["accuracies"]))
    if given["base"] is not None:
        items.append(("share of the most frequent class: ", share(given["base"], "base")))
    if given["leak"] is not None:
        items.append(leaked(given["leak"]))
    return items


def _named(letter: Symbol, value: Node) -> Node:
    """A number with its letter; a letter stands for itself."""
    return value if isinstance(value, Symbol) else Relation((letter, value), ("=",))


def _asked(given: Mapping[str, Any]) -> list[Prose]:
    told = {"accuracies": "the errors compared", "leak": "why a leak breaks the comparison",
            "experts": "the probability that the majority is right", "bootstrap": "how many rows are out of the bag"}
    return [(words,) for key, words in told.items() if given[key] is not None]


# --- sections -----------------------------------------------------------------------------------------


def _voted(given: Mapping[str, Any]) -> Told | None:
    experts = given["experts"]
    if experts is None:
        if given["accuracy"] is not None or given["together"] is not None:
            raise DeriveError("experts: how many experts vote?", "experts = 5")
        return None
    with about("experts"):
        if isinstance(experts, list):
            return _different(given, experts)
        if isinstance(experts, bool) or not isinstance(experts, int) or not 1 <= experts <= EXPERTS_MOST:
            raise DeriveError(f"experts: expected a whole number from 1 to {EXPERTS_MOST}, or a list of accuracies",
                              "experts = 5")
    accuracy = _probability(given["accuracy"], "accuracy")
    parts, results = independent(experts, accuracy)
    if given["together"] is not None:
        more, found = correlated(experts, accuracy, _probability(given["together"], "together"))
        parts, results = parts + more, results + found
    return parts, results


def _different(given: Mapping[str, Any], experts: list[Any]) -> Told:
    if given["accuracy"] is not None or given["together"] is not None:
        raise DeriveError("experts: a list of accuracies needs no accuracy, and only equal experts follow one another")
    if len(experts) % 2 == 0 or not 3 <= len(experts) <= DIFFERENT_MOST:
        raise DeriveError(f"experts: expected an odd number of accuracies, from 3 to {DIFFERENT_MOST}",
                          "an even number of different experts can draw")
    return different([share(v, f"experts: item {k}") for k, v in enumerate(experts, 1)])


def _probability(node: Node | None, key: str) -> Node:
    """A letter or a number between 0 and 1."""
    with about(key):
        if node is None:
            raise DeriveError(f"{key}: how often is an expert right?", "accuracy = 0.7, or accuracy = 'p'")
        value = numeric(node)
        if isinstance(node, Symbol):
            if node.name in ("P", "k", "n"):
                raise DeriveError(f"{key}: the letter {node.plain} is used for something else", "choose p or c")
            return node
        if value is None:
            raise DeriveError(f"{key}: expected a number or one letter, found {text(node)}")
        if not 0 <= value <= 1:
            raise DeriveError(f"{key}: a probability lies between 0 and 1, found {text(node)}", "70 % is 0.7")
        return node


def _bagged(given: Mapping[str, Any]) -> Told | None:
    return None if given["bootstrap"] is None else bootstrap(given["bootstrap"])


def _compared(given: Mapping[str, Any]) -> Told | None:
    if given["accuracies"] is None:
        for key in ("base", "leak"):
            if given[key] is not None:
                raise DeriveError(f"{key}: there are no accuracies to compare with it", "accuracies = {forest = 0.805}")
        return None
    with about("accuracies"):
        found = accuracies(given["accuracies"])
    with about("base"):
        base = None if given["base"] is None else share(given["base"], "base")
    parts, results = compared(found, base)
    if given["leak"] is not None:
        with about("leak"):
            more, made = leak(given["leak"], found, base)
        parts, results = parts + more, results + made
    return parts, results
