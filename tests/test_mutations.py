"""No mutant of a verified step is called true when it is false, or false when it is true.

What is mutated, by what, and what the independent oracle is: ``bench/mutations.py``, which also prints the figures.
"""

from collections import Counter

import pytest

from bench.mutations import EDITS, REWRITES, Line, Mutant, judged, opinion, report, sample, shipped
from derive.read.latex import Names, read
from derive.steps import Context, Definition, Status
from derive.tree import Symbol

FILES = [
    "softplus", "tanh-derivative", "log-base-two", "relu", "x-to-the-x", "jacobian-polar", "gradient-quadratic-bowl",
    "identity-tanh-by-sigmoid", "gradient-descent-line-search", "taylor-log",
]  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_no_false_verdict_on_mutants_of_a_problem(name):
    results = [judged(mutant, k) for k, mutant in enumerate(sample(shipped([name]), 15, seed=3))]
    assert len(results) == 15
    assert not [str(r) for r in results if r.wrong]
    known = [r for r in results if r.opinion.equal is not None]
    assert len(known) >= 12, "the oracle judges too few of them"
    assert sum(r.verdict.status is Status.UNDECIDED for r in known) <= 2


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_no_false_verdict_on_thousands_of_mutants(seed, capsys):
    results = [judged(mutant, k) for k, mutant in enumerate(sample(shipped(), 2_000, seed))]
    with capsys.disabled():
        print(f"\n{report(results)}")
    assert len(results) == 2_000
    assert not [str(r) for r in results if r.wrong]
    known = [r for r in results if r.opinion.equal is not None]
    assert len(known) >= 0.95 * len(results)
    assert sum(r.verdict.status is Status.UNDECIDED for r in known) <= 0.02 * len(known)
    false, true = ([r for r in known if r.opinion.equal is truth] for truth in (False, True))
    assert sum(r.verdict.status is Status.REFUTED for r in false) >= 0.98 * len(false)
    assert sum(r.verdict.status is Status.PROVED for r in true) >= 0.95 * len(true)
    made = Counter(r.mutant.name for r in results)
    assert set(REWRITES) <= set(made) and len(set(EDITS) & set(made)) >= len(EDITS) - 2
    assert sum(r.mutant.how == "slip" for r in results) >= 500


# --- the oracle of whole steps ------------------------------------------------------------------------------

ROWS = [
    ("(x + 1)^2", "=", "x^2 + 2 x + 1", True),
    ("(x + 1)^2", "=", "x^2 + 1", False),
    ("(x + 1)^2", "=", "x^2 + 2 x + 1 + 10^{-12}", False),
    (r"\frac{d}{dx} e^{-x}", "=", "-e^{-x}", True),
    (r"\frac{d}{dx} e^{-x}", "=", "e^{-x}", False),
    ("C(2)", "=", "5", True),
    ("C'(2)", "=", "4", True),
    ("C'(2)", "=", "5", False),
    (r"\log(-x^2 - 1)", "=", "x", None),
    (r"\frac{2}{3}", "~=", "0.667", True),
    (r"\frac{2}{3}", "~=", "0.666", False),
    (r"(\frac{2}{3}, \frac{1}{3})", "~=", "(0.667, 0.333)", True),
    (r"(\frac{2}{3}, \frac{1}{3})", "~=", "(0.667, 0.334)", False),
    ("x^2 + 1", ">", "0", True),
    ("x^2 - 1", ">", "0", False),
]


EQUATIONS = [  # the step's own right side, then the mutant
    ("2 x - 4 = 0", "x = 2", "x = 1 + 1", True),
    ("2 x - 4 = 0", "x = 2", "x = 3", False),
    ("x^2 = 4", r"x \in \{-2, 2\}", r"x \in \{2, -2\}", True),
    ("x^2 = 4", r"x \in \{-2, 2\}", "x = 2", False),
    ("2 x - 4 = 0", "x - 2 = 0", "2 - x = 0", True),
    ("2 x - 4 = 0", "x - 2 = 0", "2 x = 0", False),
    ("a x = 1", r"x = \frac{1}{a}", r"x = \frac{2}{a}", False),
    ("a x = 1", r"x = \frac{1}{a}", r"x = a^{-1}", True),
    (r"e^{-x} (x - 1) = 0", "x - 1 = 0", "x (x - 1) = 0", False),
]
NAMES = Names(functions=frozenset({"C"}))
COST = Definition(Symbol("C"), (Symbol("x"),), read("x^2 + 1"))


@pytest.mark.parametrize(("before", "relation", "after", "expected"), ROWS)
def test_the_opinion_on_a_step(before, relation, after, expected):
    line = Line("", read(before, NAMES), read(after, NAMES), relation, Context(definitions=(COST,)))
    assert opinion(Mutant(line, line.after, "edit", "")).equal is expected


@pytest.mark.parametrize(("before", "right", "after", "expected"), EQUATIONS)
def test_the_opinion_on_an_equation(before, right, after, expected):
    line = Line("", read(before), read(right), "<=>", Context())
    assert opinion(Mutant(line, read(after), "edit", "")).equal is expected
